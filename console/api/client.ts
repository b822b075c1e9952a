// The one door to the API: an operation by its method and path, typed as the server describes it. What goes wrong is an
// ApiError with the server's own code and words; nothing else is thrown.

import type { Operations, Problem } from './api-types.ts';
import { presentedKey, setPresentedKey } from './credentials.ts';

export type Operation = keyof Operations;
export type AnswerOf<Name extends Operation> = Operations[Name]['answer'];
export type GivenTo<Name extends Operation> = Omit<Operations[Name], 'answer'>;

/** Why an answer did not come, besides what the server says itself. */
type OwnCode = 'unreachable' | 'unreadable';

export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  /** What whoever asked should do, in the server's words; empty where the server did not answer. */
  readonly fix: string;
  /** Under which the server's log has more. */
  readonly requestId: string | undefined;
  readonly faults: readonly { readonly param: string; readonly detail: string }[];

  constructor(problem: Partial<Problem> & { readonly code: string }, status: number) {
    super(problem.detail ?? problem.title ?? problem.code);
    this.name = 'ApiError';
    this.code = problem.code;
    this.status = status;
    this.fix = problem.fix ?? '';
    this.requestId = problem.instance;
    this.faults = problem.errors ?? [];
  }
}

const own = (code: OwnCode): ApiError => new ApiError({ code }, 0);

type Values = Readonly<Record<string, unknown>>;
interface Given {
  readonly path?: Values;
  readonly query?: Values;
  readonly body?: unknown;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Instead of the one that is signed in: to try it. */
  readonly key?: string;
  /** Of a POST that may have to be sent again: the same one each time. */
  readonly idempotencyKey?: string;
  /** What is uploaded as it is, instead of JSON. */
  readonly content?: Blob;
}

/** Not randomUUID, which browsers have only where the page came by TLS or from the same machine. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Asks for one operation. A key that no longer holds signs out. */
export async function call<Name extends Operation>(
  operation: Name,
  given: GivenTo<Name>,
  options: CallOptions = {},
): Promise<AnswerOf<Name>> {
  const { path = {}, query = {}, body }: Given = given;
  const [method = 'GET', template = ''] = operation.split(' ');
  const key = options.key ?? presentedKey();
  const headers = new Headers({ accept: 'application/json' });
  if (key !== undefined) headers.set('authorization', `Bearer ${key}`);
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (options.content !== undefined) headers.set('content-type', 'application/octet-stream');
  // A click that is sent twice, as the network failed in between, does its work once.
  if (method === 'POST') headers.set('idempotency-key', options.idempotencyKey ?? newIdempotencyKey());
  const response = await reach(addressOf(template, path, query), {
    ...{ method, headers, cache: 'no-store', credentials: 'omit' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(options.content === undefined ? {} : { body: options.content }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  // A late answer to whoever was signed in before says nothing about whoever is now.
  if (response.status === 401 && key === presentedKey()) setPresentedKey(undefined);
  if (!response.ok) throw await errorOf(response);
  return (await read(response, options.signal)) as AnswerOf<Name>;
}

/** An answer may break off within its text as well as before it. */
async function read(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  try {
    return isJson ? await response.json() : await response.text();
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw own('unreadable');
  }
}

async function reach(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw own('unreachable');
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  try {
    const problem = (await response.json()) as Partial<Problem>;
    return new ApiError({ ...problem, code: problem.code ?? 'unreadable' }, response.status);
  } catch {
    return own('unreadable');
  }
}

function addressOf(template: string, path: Values, query: Values): string {
  const address = template.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(String(path[name])),
  );
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(name, String(one));
  }
  const text = parameters.toString();
  return text === '' ? address : `${address}?${text}`;
}
