// The part of a file that a request asks for (RFC 9110 §14): one range, or the whole where it asks for several, for one
// that cannot be read, or for a part of another file than there is (If-Range).

export type Wanted =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'outside' };

/** `etag` is strong, with its quotes. */
export function wantedRange(
  headers: { readonly range?: string | undefined; readonly ifRange?: string | undefined },
  length: number,
  etag: string,
): Wanted {
  if (headers.range === undefined) return { kind: 'whole' };
  if (headers.ifRange !== undefined && headers.ifRange !== etag) return { kind: 'whole' };
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range.trim()) ?? [];
  if (first === '' && last === '') return { kind: 'whole' };
  if (first === '') {
    const count = Math.min(Number(last), length);
    return count === 0 ? { kind: 'outside' } : { kind: 'part', start: length - count, end: length - 1 };
  }
  const start = Number(first);
  const end = last === '' ? length - 1 : Math.min(Number(last), length - 1);
  if (last !== '' && Number(last) < start) return { kind: 'whole' };
  return start >= length ? { kind: 'outside' } : { kind: 'part', start, end };
}
