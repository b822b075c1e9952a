// Asks the HTTP interface of a caster and gives what it says, or why it says nothing. Node's plain HTTP, as fetch refuses
// ports that operators do use.

import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';
import { text } from 'node:stream/consumers';
import { errorCode, errorText, type Failure } from '../failure.ts';
import { problemText } from '../problem-text.ts';
import { harmless } from '../terminal.ts';

export interface ApiPlace {
  /** Ends with a slash. */
  readonly url: URL;
  /** Goes into a header and nowhere else. */
  readonly key: string;
}

export type ApiAnswer =
  { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly failure: Failure };

const ANSWER_MS_MAX = 15_000;

/** `path` below the address of the caster, without a slash in front. */
export async function askApi(
  { url: base, key }: ApiPlace,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<ApiAnswer> {
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const get = url.protocol === 'https:' ? getSecure : getPlain;
  const headers = { accept: 'application/json', authorization: `Bearer ${key}` };
  const signal = AbortSignal.timeout(ANSWER_MS_MAX);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(url, { headers, signal, agent: false }, resolve).on('error', reject);
    });
    const body = await text(response);
    if (response.statusCode !== 200)
      return { ok: false, failure: refusal(response.statusCode ?? 0, body, url) };
    return { ok: true, body: JSON.parse(body) as unknown };
  } catch (error) {
    return { ok: false, failure: failureOf(error, url.origin, signal.aborted) };
  }
}

function refusal(status: number, body: string, url: URL): Failure {
  const words = `the caster says: ${status} ${harmless(problemText(body))}`.trim();
  if (status === 401 || status === 403) {
    return {
      code: 'key_refused',
      message: `the key is refused; ${words}`,
      fix: 'use the owner key of that caster, or an API key whose role has the scope that is named',
    };
  }
  const fix = status === 404 ? 'check that --url is the HTTP port of a Rovercast' : 'try again later';
  return { code: 'answer_refused', message: `no answer at ${url.origin}; ${words}`, fix };
}

function failureOf(error: unknown, origin: string, isSilent: boolean): Failure {
  if (isSilent) {
    return {
      code: 'connection_timeout',
      message: `${origin} gives no sign of life`,
      fix: 'check address and network',
    };
  }
  if (error instanceof SyntaxError) {
    const message = `what ${origin} answers is no JSON`;
    return { code: 'answer_refused', message, fix: 'check that --url is the HTTP port of a Rovercast' };
  }
  if (errorCode(error) === 'ECONNREFUSED') {
    const fix = 'check that the caster runs, and its HTTP port; --url names another';
    return { code: 'connection_refused', message: `nothing listens at ${origin}`, fix };
  }
  const message = `the connection to ${origin} broke: ${errorText(error)}`;
  return { code: 'connection_failed', message, fix: 'check address and network' };
}
