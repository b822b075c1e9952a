// The description of the API that the server gives of itself, as far as the console shows it: which operations there are,
// and what they need.

import { useQuery } from '@tanstack/react-query';

export interface ApiOperation {
  /** `GET /v1/apps`. */
  readonly id: string;
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  /** `public`, `key`, `app`, or a scope. */
  readonly scope: string;
  readonly operatorsOnly: boolean;
  /** An example of its body; undefined where it takes none. */
  readonly body: unknown;
}

interface OperationNode {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly 'x-scope'?: string;
  readonly 'x-operators-only'?: boolean;
  readonly requestBody?: {
    readonly content?: Readonly<Record<string, { readonly example?: unknown }>>;
  };
}

interface DocumentNode {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationNode>>>>;
}

async function load({ signal }: { readonly signal: AbortSignal }): Promise<readonly ApiOperation[]> {
  const response = await fetch('/openapi.json', { signal, credentials: 'omit' });
  if (!response.ok) throw new Error(`/openapi.json was answered with ${response.status}`);
  return operationsOf((await response.json()) as DocumentNode);
}

export function operationsOf({ paths }: DocumentNode): readonly ApiOperation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, node]) => {
      const json = node.requestBody?.content?.['application/json'];
      return {
        ...{ id: `${method.toUpperCase()} ${path}`, operationId: node.operationId },
        ...{ method: method.toUpperCase(), path, tag: node.tags?.[0] ?? '' },
        ...{ summary: node.summary ?? '', description: node.description ?? '' },
        ...{ scope: node['x-scope'] ?? 'public', operatorsOnly: node['x-operators-only'] === true },
        body: json === undefined ? undefined : (json.example ?? {}),
      };
    }),
  );
}

export interface ApiDocumentRead {
  readonly operations: readonly ApiOperation[] | undefined;
  readonly error: Error | null;
}

/** It changes with the server only. */
export function useApiDocument(): ApiDocumentRead {
  const { data, error } = useQuery({ queryKey: ['/openapi.json'], queryFn: load, staleTime: Infinity });
  return { operations: data, error };
}
