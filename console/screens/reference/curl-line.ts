// An operation of the API as a line for a shell. Pure.

export interface Asked {
  readonly method: string;
  /** `/v1/apps/{id}`. */
  readonly path: string;
  /** An example of the body; undefined where it takes none. */
  readonly body: unknown;
}

/** Within single quotes a shell takes everything as it is, but a single quote. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The key is taken from the environment, so that no history of a shell keeps it. */
export function curlLine(origin: string, { method, path, body }: Asked): string {
  const address = `${origin}${path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => name.toUpperCase())}`;
  return [
    'curl',
    ...(method === 'GET' ? [] : ['-X', method]),
    ...['-H', '"Authorization: Bearer $ROVERCAST_KEY"'],
    ...(body === undefined
      ? []
      : ['-H', quoted('Content-Type: application/json'), '-d', quoted(JSON.stringify(body))]),
    /[^\w:/.-]/.test(address) ? quoted(address) : address,
  ].join(' ');
}
