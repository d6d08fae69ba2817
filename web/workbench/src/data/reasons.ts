import type { Reasons } from "../../../shared/api";

export type Link = Reasons["links"][number];
export type Part = NonNullable<Link["parts"]>[number];

/** Parts with what says most first, whether for or against. */
export function sortedParts(parts: readonly Part[]): Part[] {
  return [...parts].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
}

/** Links with the strongest first, those that lead nowhere left out. */
export function sortedLinks(reasons: Reasons): Link[] {
  const count = reasons.records.length;
  const there = (place: number) => Number.isInteger(place) && place >= 0 && place < count;
  return reasons.links.filter((link) => there(link.a) && there(link.b)).sort((a, b) => b.weight - a.weight);
}

/** How far a bar goes, in percent of its half, where `most` is the longest of all. */
export function barLength(weight: number, most: number): number {
  return most > 0 ? Math.min(50, (Math.abs(weight) / most) * 50) : 0;
}
