// Reads JSON from a stranger so that nobody else can read something else in the same bytes: no key twice, no number that
// is not exact, no half characters nor U+0000, and neither long nor deep.

import { DOCUMENT_BYTES_MAX, DOCUMENT_DEPTH_MAX } from '../../../config/limits.ts';

export type JsonRefusal =
  'too_long' | 'not_utf8' | 'not_json' | 'too_deep' | 'duplicate_key' | 'number_inexact' | 'text_malformed';

export type StrictJson =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: JsonRefusal };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function readStrictJson(bytes: Uint8Array, bytesMax = DOCUMENT_BYTES_MAX): StrictJson {
  if (bytes.length > bytesMax) return { ok: false, reason: 'too_long' };
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { ok: false, reason: 'not_utf8' };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'not_json' };
  }
  const reason = findingIn(text);
  return reason === undefined ? { ok: true, value } : { ok: false, reason };
}

/** A text, a number, or a bracket. White space, commas, colons and the three words tell nothing. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\]]/g;
const EXACT = /^(?:0|-?[1-9]\d{0,15})$/;

/** `text` is JSON: only what JSON.parse keeps silent about is looked for. */
function findingIn(text: string): JsonRefusal | undefined {
  /** Of each open object the keys so far; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : undefined);
      if (open.length > DOCUMENT_DEPTH_MAX) return 'too_deep';
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token.startsWith('"')) {
      const content = JSON.parse(token) as string;
      // U+0000 fits into no text of PostgreSQL.
      if (!content.isWellFormed() || content.includes('\0')) return 'text_malformed';
      if (!isKey(text, index + token.length)) continue;
      const keys = open.at(-1)!;
      if (keys.has(content)) return 'duplicate_key';
      keys.add(content);
    } else if (!EXACT.test(token) || !Number.isSafeInteger(Number(token))) {
      return 'number_inexact';
    }
  }
  return undefined;
}

function isKey(text: string, after: number): boolean {
  let at = after;
  while (' \t\r\n'.includes(text.charAt(at)) && at < text.length) at += 1;
  return text.charAt(at) === ':';
}
