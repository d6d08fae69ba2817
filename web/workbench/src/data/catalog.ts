import { useQuery } from "@tanstack/react-query";
import { api, ask, askWhole, type Schemas } from "../../../shared/api";

export type Dataset = Schemas["Dataset"];
export type DatasetField = Schemas["DatasetField"];
export type Listed = Schemas["ListedDataset"];
export type Element = Schemas["Element"];
export type Sharing = Schemas["Sharing"];

export const sharings: readonly Sharing[] = ["unconditional", "conditional", "not_shared"];
export const sharingClass = { unconditional: "good", conditional: "calm", not_shared: "refused" } as const;
export const opennesses = ["open", "on_request", "not_open"] as const;
export const cycles = ["continuous", "daily", "weekly", "monthly", "quarterly", "yearly", "on_change"] as const;
export const valueTypes = [
  "text",
  "person_name",
  "id_number",
  "credit_code",
  "phone",
  "address",
  "date",
  "category",
  "number",
  "latitude",
  "longitude",
] as const satisfies readonly Schemas["ValueType"][];

export type CatalogQuery = { q?: string; provider?: string; sharing?: Sharing; element?: string };

/** What of the catalogue is asked for, as the address has it. */
export function catalogQuery(search: URLSearchParams): CatalogQuery {
  const sharing = sharings.find((one) => one === search.get("sharing"));
  const of = (name: string) => search.get(name) || undefined;
  return { q: of("q"), provider: of("provider"), sharing, element: of("element") };
}

export function datasetPath(id: string): string {
  return `/catalog/${encodeURIComponent(id)}`;
}

export function useElementsQuery() {
  return useQuery({
    queryKey: ["elements"],
    queryFn: async (): Promise<Element[]> => (await ask(api.GET("/api/v1/catalog/elements"))).items,
  });
}

export type Read = Listed & { etag: string | undefined };

export function useDatasetQuery(id: string) {
  return useQuery({
    queryKey: ["dataset", id],
    queryFn: async (): Promise<Read> => {
      const { data, response } = await askWhole(
        api.GET("/api/v1/catalog/datasets/{dataset}", { params: { path: { dataset: id } } }),
      );
      return { ...data, etag: response.headers.get("ETag") ?? undefined };
    },
    staleTime: 0,
  });
}

/** A declaration without what says nothing: the interface tells a missing key from an empty text. */
export function withoutEmpty<T extends object>(value: T): T {
  const kept = Object.entries(value).filter(
    ([, one]) => one !== undefined && one !== null && one !== "" && !(Array.isArray(one) && one.length === 0),
  );
  return Object.fromEntries(kept) as T;
}
