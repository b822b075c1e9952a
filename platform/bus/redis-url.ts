// How the URL of Redis is read. It may hold a password: only what `describeRedisUrl` gives may be shown.

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly database: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

const DEFAULT_PORT = 6379;

/** `redis://user:password@host:port/number`, or `rediss:` for TLS; undefined where it is neither. */
export function parseRedisUrl(text: string): RedisAddress | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'redis:' && url.protocol !== 'rediss:')) return undefined;
  if (!/^\/?\d{0,4}$/.test(url.pathname)) return undefined;
  return {
    host: url.hostname === '' ? 'localhost' : url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    isTls: url.protocol === 'rediss:',
    database: Number(url.pathname.replace('/', '')),
    username: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
  };
}

/** Host, port and database, for messages. */
export function describeRedisUrl(text: string): string {
  const address = parseRedisUrl(text);
  if (address === undefined) return 'Redis';
  const { host, port, database } = address;
  return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}
