// Whom a command talks to: caster, mountpoint and credentials, from a URL or from options. Nothing here may echo a
// password; what is shown of a target is `shownTarget`.
//
//   ntrip://USER:PASSWORD@HOST:PORT/MOUNTPOINT     ntrips:// and https:// are encrypted
//   HOST:PORT/MOUNTPOINT                           the same without a scheme
//
// Read by hand and not by WHATWG URL: passwords of the field hold `@`, `:` and `#` unescaped, and mountpoints may carry
// a query.

import { badUsage, type Failure } from '../failure.ts';

export interface NtripTarget {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Take any certificate. */
  readonly insecure: boolean;
  /** Without the slash, as it is meant; empty for the caster itself. */
  readonly mountpoint: string;
  /** With the `?`, as given; empty where there is none. */
  readonly query: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** What options may say in place of, or on top of, the URL. */
export interface TargetOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly mountpoint?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: boolean | undefined;
  readonly insecure?: boolean | undefined;
}

export type TargetResult = { ok: true; target: NtripTarget } | { ok: false; failure: Failure };

interface Scheme {
  readonly tls: boolean;
  readonly port: number;
}

const SCHEMES: Readonly<Record<string, Scheme>> = {
  ntrip: { tls: false, port: 2101 },
  ntrips: { tls: true, port: 2102 },
  http: { tls: false, port: 80 },
  https: { tls: true, port: 443 },
};
const PLAIN: Scheme = { tls: false, port: 2101 };
const TLS_PORT = 2102;
const PORT_MAX = 65_535;

const FORM = 'write ntrip://USER:PASSWORD@HOST:PORT/MOUNTPOINT, or use --host, --port and --mountpoint';

/** Reads a target; options win over the URL. `needsMountpoint` refuses one that names the caster only. */
export function readTarget(
  url: string | undefined,
  options: TargetOptions,
  needsMountpoint: boolean,
): TargetResult {
  const parsed = url === undefined ? EMPTY : parseUrl(url);
  if (!parsed.ok) return parsed;
  const { scheme, host: hostInUrl, ...named } = parsed.parts;
  const host = options.host ?? hostInUrl;
  const mountpoint = options.mountpoint?.replace(/^\//, '') ?? named.mountpoint;
  const tls = options.tls ?? scheme?.tls ?? false;
  if (host === '') return refuse('no caster is named', FORM);
  if (needsMountpoint && mountpoint === '') {
    return refuse('no mountpoint is named', `${FORM}; \`rovercast sourcetable\` lists what a caster has`);
  }
  const target: NtripTarget = {
    host,
    port: options.port ?? named.port ?? (tls && scheme?.tls !== true ? TLS_PORT : (scheme ?? PLAIN).port),
    tls,
    insecure: options.insecure ?? false,
    mountpoint,
    query: named.query,
    username: options.user ?? named.username,
    password: options.password ?? named.password,
  };
  const unfit = findControl(target);
  return unfit === undefined
    ? { ok: true, target }
    : refuse(
        `the ${unfit} holds a character that cannot be sent`,
        'leave out line ends and control characters',
      );
}

/** The target as a URL without its password. */
export function shownTarget(target: NtripTarget): string {
  const { host, port, tls, mountpoint, query, username, password } = target;
  const masked = username === undefined && password === undefined ? '' : `${username ?? ''}:***@`;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'ntrips' : 'ntrip'}://${masked}${shownHost}:${port}/${mountpoint}${query}`;
}

interface UrlParts {
  readonly scheme: Scheme | undefined;
  readonly host: string;
  readonly port: number | undefined;
  readonly mountpoint: string;
  readonly query: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

type UrlResult = { ok: true; parts: UrlParts } | { ok: false; failure: Failure };

const EMPTY: UrlResult = {
  ok: true,
  parts: {
    scheme: undefined,
    host: '',
    port: undefined,
    mountpoint: '',
    query: '',
    username: undefined,
    password: undefined,
  },
};

function parseUrl(url: string): UrlResult {
  const [, schemeName, rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(.*)$/s.exec(url) ?? [];
  const scheme = schemeName === undefined ? undefined : SCHEMES[schemeName.toLowerCase()];
  if (schemeName !== undefined && scheme === undefined) {
    return refuse(`the scheme ${schemeName}:// is unknown`, `known: ${Object.keys(SCHEMES).join(', ')}`);
  }
  const { authority, path } = splitPath(rest);
  const at = authority.lastIndexOf('@');
  const address = authority.slice(at + 1);
  const [, bracketed, plain, portText] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(address) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) {
    // What stands in the wrong place might be part of a password, so it is not repeated.
    return refuse('the address in the URL cannot be read', `${FORM}; an IPv6 address needs [brackets]`);
  }
  const port = portText === undefined || portText === '' ? undefined : Number(portText);
  if (port !== undefined && (port < 1 || port > PORT_MAX)) {
    return refuse(`the port ${port} does not exist`, `use 1 to ${PORT_MAX}`);
  }
  const question = path.indexOf('?');
  const login = at < 0 ? undefined : splitLogin(authority.slice(0, at));
  return {
    ok: true,
    parts: {
      scheme,
      host,
      port,
      mountpoint: decode((question < 0 ? path : path.slice(0, question)).replace(/^\//, '')),
      query: question < 0 ? '' : path.slice(question),
      username: login?.username,
      password: login?.password,
    },
  };
}

/** At the first slash behind the last `@`: passwords may hold slashes, mountpoints hold no `@`. */
function splitPath(rest: string): { authority: string; path: string } {
  const [, path = ''] = /^[^@/?]*(?:.*@[^/?]*)?([/?].*)?$/s.exec(rest) ?? [];
  return { authority: rest.slice(0, rest.length - path.length), path };
}

function splitLogin(login: string): { username: string; password: string | undefined } {
  const colon = login.indexOf(':');
  return colon < 0
    ? { username: decode(login), password: undefined }
    : { username: decode(login.slice(0, colon)), password: decode(login.slice(colon + 1)) };
}

/** Percent-decoded where it is well formed, else as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function findControl({ host, mountpoint, query, username, password }: NtripTarget): string | undefined {
  const parts = { host, mountpoint, query, username, password };
  return Object.entries(parts).find(([, text]) => /\p{Cc}/u.test(text ?? ''))?.[0];
}

function refuse(message: string, fix: string): { ok: false; failure: Failure } {
  return { ok: false, failure: badUsage(message, fix) };
}
