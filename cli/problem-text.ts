// What a caster's HTTP interface complains of, in one line.

/** Title and detail of a problem (RFC 9457), or nothing. */
export function problemText(body: string): string {
  try {
    const problem: unknown = JSON.parse(body);
    if (typeof problem !== 'object' || problem === null) return '';
    const parts = ['title' in problem ? problem.title : '', 'detail' in problem ? problem.detail : ''];
    return parts.filter((part) => typeof part === 'string' && part !== '').join('; ');
  } catch {
    return '';
  }
}
