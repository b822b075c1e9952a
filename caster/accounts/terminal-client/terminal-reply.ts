// What the server answers a terminal, as a closed union: a value, a refusal by its code, or why there is no answer.
// Answers come from outside: each field is looked at before it is believed.

export interface TerminalCredentials {
  readonly username: string;
  /** Lent until `expiresAtMs`. */
  readonly password: string;
  readonly host: string;
  readonly port: number;
  /** Undefined where the device may choose and has not. */
  readonly mountpoint: string | undefined;
  readonly expiresAtMs: number;
}

export interface TerminalStanding {
  readonly username: string | undefined;
  readonly activatedAtMs: number | undefined;
  readonly validUntilMs: number | undefined;
  /** The code of what a login would be refused for now. */
  readonly wouldBeRefused: string | undefined;
}

export type TerminalFailure =
  | {
      readonly kind: 'refused';
      readonly status: number;
      /** Of docs/refusals.md or docs/errors.md. */
      readonly code: string;
      readonly detail: string | undefined;
      readonly retryAfterS: number | undefined;
    }
  /** No answer: no network, no server there, or it took too long. */
  | { readonly kind: 'unreachable'; readonly message: string }
  /** An answer that this program does not understand, as from a proxy. */
  | { readonly kind: 'unreadable'; readonly status: number };

export type TerminalReply<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly failure: TerminalFailure };

type Fields = Readonly<Record<string, unknown>>;

/** The value that `read` finds in a good answer; what it gives undefined for is unreadable. */
export async function readReply<Value>(
  response: Response,
  read: (fields: Fields) => Value | undefined,
): Promise<TerminalReply<Value>> {
  const fields = fieldsOf(await response.text());
  const { status } = response;
  if (!response.ok) return { ok: false, failure: refusalOf(response, fields) };
  const value = fields === undefined ? undefined : read(fields);
  return value === undefined ? { ok: false, failure: { kind: 'unreadable', status } } : { ok: true, value };
}

export function credentialsOf(fields: Fields): TerminalCredentials | undefined {
  const { username, password, host, port, mountpoint } = fields;
  const expiresAtMs = timeOf(fields['expiresAt']);
  if (typeof username !== 'string' || typeof password !== 'string' || typeof host !== 'string')
    return undefined;
  if (typeof port !== 'number' || expiresAtMs === undefined) return undefined;
  return { username, password, host, port, mountpoint: textOf(mountpoint), expiresAtMs };
}

export function standingOf(fields: Fields): TerminalStanding {
  const refusal = fields['wouldBeRefused'];
  return {
    username: textOf(fields['username']),
    activatedAtMs: timeOf(fields['activatedAt']),
    validUntilMs: timeOf(fields['validUntil']),
    wouldBeRefused: isFields(refusal) ? textOf(refusal['reason']) : undefined,
  };
}

export function serverTimeOf(fields: Fields): number | undefined {
  const { unixMs } = fields;
  return typeof unixMs === 'number' && Number.isFinite(unixMs) ? unixMs : undefined;
}

function refusalOf(response: Response, fields: Fields | undefined): TerminalFailure {
  const { status } = response;
  const code = textOf(fields?.['code']);
  if (code === undefined) return { kind: 'unreadable', status };
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterS = Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
  return { kind: 'refused', status, code, detail: textOf(fields?.['detail']), retryAfterS };
}

function fieldsOf(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function timeOf(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
