import type { Area } from "../../../shared/api";
import { type Language, nameIn } from "../../../shared/format";

export type AreaNode = { value: string; title: string; children: AreaNode[] };

/** The areas as a tree. One whose parent is not there stands at the top. */
export function treeOf(areas: readonly Area[], language: Language): AreaNode[] {
  const nodes = new Map<string, AreaNode>();
  const top: AreaNode[] = [];
  for (const area of areas) nodes.set(area.id, { value: area.id, title: nameIn(area, language), children: [] });
  for (const area of areas) {
    const node = nodes.get(area.id);
    if (node) (nodes.get(area.parent ?? "")?.children ?? top).push(node);
  }
  return top;
}
