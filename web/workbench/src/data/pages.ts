import { useInfiniteQuery } from "@tanstack/react-query";

export type Page<T> = { items: T[]; next?: string };

/** All pages of a list one after another. `limit` ends a list whose end never comes. */
export async function allPages<T>(fetch: (cursor?: string) => Promise<Page<T>>, limit = 200): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < limit; ++page) {
    const answer = await fetch(cursor);
    items.push(...answer.items);
    if (!answer.next || answer.next === cursor) break;
    cursor = answer.next;
  }
  return items;
}

/** A list that grows page by page as its reader asks for more. */
export function usePages<T, P extends Page<T> = Page<T>>(
  key: readonly unknown[],
  fetch: (cursor?: string) => Promise<P>,
  options: { enabled?: boolean; staleTime?: number } = {},
) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => fetch(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: P) => page.next || undefined,
    staleTime: 0,
    ...options,
  });
  return { ...query, items: query.data?.pages.flatMap((page) => page.items) ?? [] };
}
