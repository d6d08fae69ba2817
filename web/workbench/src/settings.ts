import { useSyncExternalStore } from "react";
import type { Language } from "../../shared/format";

/** What a person set on this machine. Nothing personal and no token lies here. */
export type Settings = {
  language: Language;
  large: boolean;
  /** The last look-up's kind, field, purpose and basis: words of the installation, never a value. */
  lookup: { kind?: string; by?: string; purpose?: string; basis?: string };
};

const place = "zhili.settings";
const initial: Settings = { language: "zh", large: false, lookup: {} };

function read(): Settings {
  try {
    const kept = JSON.parse(localStorage.getItem(place) ?? "{}") as Partial<Settings>;
    return {
      language: kept.language === "en" ? "en" : "zh",
      large: kept.large === true,
      lookup: typeof kept.lookup === "object" && kept.lookup !== null ? kept.lookup : {},
    };
  } catch {
    return initial;
  }
}

let current = read();
const listeners = new Set<() => void>();

export function settings(): Settings {
  return current;
}

export function change(part: Partial<Settings>): void {
  current = { ...current, ...part };
  try {
    localStorage.setItem(place, JSON.stringify(current));
  } catch {
    // Storage may be closed or full; the setting then lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSettings(): Settings {
  return useSyncExternalStore(subscribe, settings);
}
