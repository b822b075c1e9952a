// Reading and changing by the API from a screen, over TanStack Query: what is read is kept under the operation and what
// was given, and a change makes whatever its resource shows be read anew.

import {
  QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { useRef } from 'react';
import { ApiError, call, newIdempotencyKey, type AnswerOf, type GivenTo, type Operation } from './client.ts';

/** A preview is a POST that makes nothing. */
type ReadName = Extract<Operation, `GET ${string}` | `POST ${string}/preview`>;
type ChangeName = Exclude<Operation, ReadName>;

const RETRIES = 2;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2000,
        // What the server said will not change by asking again; what did not arrive may.
        retry: (failures, error) =>
          failures < RETRIES && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
      },
      mutations: { retry: false },
    },
  });
}

export interface ReadOptions {
  /** Asked again after this time, while the page is seen. */
  readonly everyMs?: number;
  readonly enabled?: boolean;
}

export function useRead<Name extends ReadName>(
  operation: Name,
  given: GivenTo<Name>,
  { everyMs, enabled = true }: ReadOptions = {},
): UseQueryResult<AnswerOf<Name>, ApiError> {
  return useQuery<AnswerOf<Name>, ApiError>({
    queryKey: [operation, given],
    queryFn: ({ signal }) => call(operation, given, { signal }),
    refetchInterval: everyMs ?? false,
    enabled,
    placeholderData: (before) => before,
  });
}

interface Page<Row> {
  readonly data: readonly Row[];
  readonly nextCursor: string | null;
}

/** Lists of the API, and the rows that they are of. */
type ListName = {
  [Name in ReadName]: AnswerOf<Name> extends Page<unknown> ? Name : never;
}[ReadName];
export type RowOf<Name extends ListName> = AnswerOf<Name> extends Page<infer Row> ? Row : never;

export interface ListRead<Row> {
  readonly rows: readonly Row[];
  readonly isLoading: boolean;
  readonly error: ApiError | null;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly loadMore: () => void;
}

const PAGE_ROWS = 100;

async function readPage<Name extends ListName>(
  operation: Name,
  given: GivenTo<Name>,
  cursor: string | undefined,
  signal?: AbortSignal,
): Promise<Page<RowOf<Name>>> {
  const { query: filters = {}, ...rest } = given as { readonly query?: object };
  const asked = { ...rest, query: { ...filters, limit: PAGE_ROWS, cursor } };
  const page: unknown = await call(operation, asked as unknown as GivenTo<Name>, { signal });
  return page as Page<RowOf<Name>>;
}

/** All rows of a list, however many: for a file of them. */
export async function readAll<Name extends ListName>(
  operation: Name,
  given: GivenTo<Name>,
): Promise<readonly RowOf<Name>[]> {
  const rows: RowOf<Name>[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<RowOf<Name>> = await readPage(operation, given, cursor);
    rows.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

/** A list page by page, as far as somebody scrolls. */
export function useList<Name extends ListName>(
  operation: Name,
  given: GivenTo<Name>,
  { everyMs, enabled = true }: ReadOptions = {},
): ListRead<RowOf<Name>> & { readonly first: AnswerOf<Name> | undefined } {
  const query = useInfiniteQuery({
    queryKey: [operation, given, 'pages'],
    queryFn: ({ pageParam, signal }) => readPage(operation, given, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: everyMs ?? false,
    enabled,
    placeholderData: (before) => before,
  });
  return {
    // With what an answer says besides its rows, such as totals.
    first: query.data?.pages[0] as AnswerOf<Name> | undefined,
    rows: query.data?.pages.flatMap(({ data }) => data) ?? [],
    isLoading: query.isPending,
    error: query.error instanceof ApiError ? query.error : null,
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => {
      if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
    },
  };
}

/**
 * One change, also where somebody asks for the same again because no answer came: it is done once (Idempotency-Key).
 * `touches`: beginnings of the paths whose reads are stale afterwards, such as `/v1/mountpoints`. What was deleted is not
 * read again itself.
 */
export function useChange<Name extends ChangeName>(
  operation: Name,
  touches: readonly string[],
): UseMutationResult<AnswerOf<Name>, ApiError, GivenTo<Name>> {
  const client = useQueryClient();
  const underWay = useRef<{ readonly given: string; readonly key: string }>(undefined);
  const isStale = (name: string): boolean =>
    touches.some((path) => name.startsWith(`GET ${path}`)) &&
    !(operation.startsWith('DELETE ') && name.includes('{'));
  return useMutation<AnswerOf<Name>, ApiError, GivenTo<Name>>({
    mutationFn: async (given) => {
      const text = JSON.stringify(given);
      if (underWay.current?.given !== text) underWay.current = { given: text, key: newIdempotencyKey() };
      try {
        const answer = await call(operation, given, { idempotencyKey: underWay.current.key });
        underWay.current = undefined;
        return answer;
      } catch (error) {
        if (error instanceof ApiError && isRefused(error)) underWay.current = undefined;
        throw error;
      }
    },
    onSuccess: () => client.invalidateQueries({ predicate: ({ queryKey: [name] }) => isStale(String(name)) }),
  });
}

/** Nothing was done. Where no answer came, or the first request is still being worked on, that is not known. */
function isRefused({ status, code }: ApiError): boolean {
  return status >= 400 && status < 500 && code !== 'idempotency_in_progress';
}

/** Reads when somebody asks for it, such as a file; nothing that is shown changes by it. */
export function useFetch<Name extends ReadName>(
  operation: Name,
): UseMutationResult<AnswerOf<Name>, ApiError, GivenTo<Name>> {
  return useMutation<AnswerOf<Name>, ApiError, GivenTo<Name>>({
    mutationFn: (given) => call(operation, given),
  });
}

/** Has everything that is shown read anew, after several changes. */
export function useRefresh(): () => void {
  const client = useQueryClient();
  return () => void client.invalidateQueries();
}
