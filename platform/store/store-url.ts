// How the URL of the store is read. It may hold a password: of it only what `describeStoreUrl` gives may be shown.

/** File of the store where nothing else is said, in the data folder. */
export const DEFAULT_STORE_FILE = 'rovercast.db';

export function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:\/\//.test(url);
}

/** Host, port and database of a PostgreSQL URL, for messages: no user, no password, no option. */
export function describeStoreUrl(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null) return 'the PostgreSQL server';
  const host = parsed.searchParams.get('host') ?? parsed.hostname;
  const port = parsed.searchParams.get('port') ?? (parsed.port === '' ? '5432' : parsed.port);
  return `${host === '' ? 'localhost' : host}:${port}${parsed.pathname}`;
}
