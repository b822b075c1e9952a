// One thing that happened, as the log and the live events both carry it. Whatever is not in here cannot leave by
// either of them, so this is also where secrets stop and sizes end.

import { EVENT_TEXT_LENGTH_MAX } from '../../config/limits.ts';

export type EventLevel = 'debug' | 'info' | 'warn' | 'error';

/** Facts about an event; what is undefined is left out. */
export type EventFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface LogEvent {
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly level: EventLevel;
  /** What happened, in snake_case, the thing first: `session_closed`. */
  readonly event: string;
  /** Cleaned by `cleanFields`. */
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

export const MASK = '***';

/** `password`, `sourcePassword`, `source_password`, `ownerKey` … An app key is a public name. */
const SECRET_NAME = /(?:password|passphrase|secret|token|authorization|cookie|credentials?|(?<!app_?)key)$/i;

/** Names that the line itself uses; a field of that name gets an underscore behind it. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(['time', 'level', 'pid', 'node', 'event']);

/** A copy without undefined values, secrets masked by name, long texts cut. A number is no secret: `mqttsToken` is a port. */
export function cleanFields(fields: EventFields): LogEvent['fields'] {
  const clean: Record<string, string | number | boolean> = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (value === undefined) continue;
    const isSecret = typeof value === 'string' && SECRET_NAME.test(name);
    clean[RESERVED_NAMES.has(name) ? `${name}_` : name] = isSecret ? MASK : cut(value);
  }
  return clean;
}

function cut(value: string | number | boolean): string | number | boolean {
  if (typeof value !== 'string' || value.length <= EVENT_TEXT_LENGTH_MAX) return value;
  return `${value.slice(0, EVENT_TEXT_LENGTH_MAX)}…`;
}
