import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Area, api, ask, type Post, type Words } from "../../../shared/api";
import { type Language, nameIn, nameOfBasis } from "../../../shared/format";
import { useSettings } from "../settings";
import { allPages } from "./pages";

export type Department = { id: string; zh: string; en: string; area?: string };
export type Kind = Words["kinds"][number];
export type Field = Kind["fields"][number];

export function useWordsQuery() {
  return useQuery({ queryKey: ["words"], queryFn: () => ask(api.GET("/api/v1/words")) });
}

export function useAreasQuery() {
  return useQuery({
    queryKey: ["areas"],
    queryFn: () =>
      allPages<Area>((cursor) => ask(api.GET("/api/v1/areas", { params: { query: { cursor, limit: 1000 } } }))),
  });
}

export function useDepartmentsQuery() {
  return useQuery({
    queryKey: ["departments"],
    queryFn: async (): Promise<Department[]> => (await ask(api.GET("/api/v1/departments"))).items,
  });
}

const noWords: Words = { roles: [], actions: [], resources: [], purposes: [], bases: [], kinds: [], sources: [] };

/** What people read for the installation's words. A word without a name shows itself. */
export class Labels {
  readonly words: Words;
  readonly areas: Map<string, Area>;
  readonly language: Language;
  readonly #departments: Map<string, Department>;

  constructor(words: Words, areas: Area[], departments: Department[], language: Language) {
    this.words = words;
    this.language = language;
    this.areas = new Map(areas.map((area) => [area.id, area]));
    this.#departments = new Map(departments.map((department) => [department.id, department]));
  }

  #of(terms: readonly { id: string; zh: string; en?: string }[], id: string | undefined): string {
    return (
      nameIn(
        terms.find((term) => term.id === id),
        this.language,
      ) ||
      (id ?? "")
    );
  }

  role(id?: string): string {
    return this.#of(this.words.roles, id);
  }
  action(id?: string): string {
    return this.#of(this.words.actions, id);
  }
  resource(id?: string): string {
    return this.#of(this.words.resources, id);
  }
  purpose(id?: string): string {
    return this.#of(this.words.purposes, id);
  }
  basis(id?: string): string {
    const basis = this.words.bases.find((one) => one.id === id);
    return basis ? nameOfBasis(basis, this.language) : (id ?? "");
  }
  kind(id?: string): string {
    return this.#of(this.words.kinds, id);
  }
  kindOf(id?: string): Kind | undefined {
    return this.words.kinds.find((kind) => kind.id === id);
  }
  fieldOf(kind: string | undefined, field: string): Field | undefined {
    return this.kindOf(kind)?.fields.find((one) => one.id === field);
  }
  field(kind: string | undefined, field: string): string {
    return nameIn(this.fieldOf(kind, field), this.language) || field;
  }
  source(id?: string): string {
    return this.#of(this.words.sources, id);
  }
  owner(source?: string): string {
    const owner = this.words.sources.find((one) => one.id === source)?.owner;
    return owner ? this.department(owner) : "";
  }
  department(id?: string): string {
    return nameIn(this.#departments.get(id ?? ""), this.language) || (id ?? "");
  }
  area(id?: string): string {
    return nameIn(this.areas.get(id ?? ""), this.language) || (id ?? "");
  }

  /** From the top down to the area itself. */
  areaLine(id?: string): Area[] {
    const line: Area[] = [];
    for (let area = this.areas.get(id ?? ""); area && line.length < 32; area = this.areas.get(area.parent ?? ""))
      line.unshift(area);
    return line;
  }
  areaPath(id?: string, levels = 32): string {
    const line = this.areaLine(id).slice(-levels);
    return line.length ? line.map((area) => nameIn(area, this.language)).join(" / ") : (id ?? "");
  }

  /** Whether the area lies in one of the posts' areas. A post without one holds everywhere. */
  covers(posts: readonly Post[], id: string): boolean {
    const line = new Set(this.areaLine(id).map((area) => area.id));
    return posts.some((post) => !post.area || line.has(post.area));
  }

  post(post: Post): string {
    const parts = [post.department && this.department(post.department), post.area && this.area(post.area)];
    return [this.role(post.role), ...parts.filter(Boolean)].join(" · ");
  }

  basesOf(purpose?: string): Words["bases"] {
    return this.words.bases.filter((basis) => purpose !== undefined && basis.purposes.includes(purpose));
  }
}

export function useLabels(): Labels {
  const words = useWordsQuery().data ?? noWords;
  const areas = useAreasQuery().data;
  const departments = useDepartmentsQuery().data;
  const { language } = useSettings();
  return useMemo(
    () => new Labels(words, areas ?? [], departments ?? [], language),
    [words, areas, departments, language],
  );
}
