export type Language = "zh" | "en";

export function languageTag(language: Language): string {
  return language === "zh" ? "zh-CN" : "en-GB";
}

/** A time of the server in the reader's own zone; the text itself where it is none. */
export function formatTime(text: string | undefined, language: Language): string {
  if (!text) return "";
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return text;
  return new Intl.DateTimeFormat(languageTag(language), {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).format(time);
}

export function formatNumber(value: number, language: Language, digits = 0): string {
  return new Intl.NumberFormat(languageTag(language), { maximumFractionDigits: digits }).format(value);
}

/** The zone in which times are shown, e.g. "Asia/Shanghai". */
export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** A probability as people read it. Near certainty the share of doubt is told, as "99.99%" hides what matters. */
export function formatProbability(probability: number, language: Language): string {
  if (probability <= 0) return "0%";
  if (probability >= 1) return "100%";
  const digits = probability > 0.999 || probability < 0.001 ? 4 : 1;
  const shown = Math.min(Math.max(probability * 100, 0.0001), 99.9999);
  return `${formatNumber(shown, language, digits)}%`;
}

type Named = { zh: string; en?: string };

/** What people read for a word, in the language they read. */
export function nameIn(term: Named | undefined, language: Language): string {
  if (!term) return "";
  return language === "en" && term.en ? term.en : term.zh;
}

type Law = Named & { articles?: string[] };

/** A legal basis with its articles: several bases may come from one law. */
export function nameOfBasis(basis: Law | undefined, language: Language): string {
  const name = nameIn(basis, language);
  const articles = basis?.articles ?? [];
  if (articles.length === 0) return name;
  return language === "zh" ? `${name} 第 ${articles.join("、")} 条` : `${name}, art. ${articles.join(", ")}`;
}
