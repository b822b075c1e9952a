// One event of a running caster as a line for people.

import { harmless, tint } from '../terminal.ts';

/** As `GET /v1/events` sends it. */
export interface CasterEvent {
  readonly time: string;
  readonly level: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const TONES = { debug: 'dim', warn: 'warning', error: 'bad' } as const;

/** Undefined where the text is no event. */
export function parseCasterEvent(text: string): CasterEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('time' in value) || !('level' in value) || !('event' in value)) return undefined;
  const { time, level, event } = value;
  if (typeof time !== 'string' || typeof level !== 'string' || typeof event !== 'string') return undefined;
  const fields =
    'fields' in value && typeof value.fields === 'object' && value.fields !== null ? value.fields : {};
  return { time, level, event, fields: Object.fromEntries(Object.entries(fields)) };
}

/** `12:00:01  warn   session_closed  account=u1 reason="stalled for 30 s"`, in this machine's time zone. */
export function eventText({ time, level, event, fields }: CasterEvent): string {
  const clock = new Date(time);
  const shownTime = Number.isNaN(clock.getTime()) ? harmless(time) : clock.toTimeString().slice(0, 8);
  const padded = harmless(level).padEnd(5);
  const tone = level === 'debug' || level === 'warn' || level === 'error' ? TONES[level] : undefined;
  const facts = Object.entries(fields).map(([name, value]) => `${harmless(name)}=${valueText(value)}`);
  return [
    shownTime,
    tone === undefined ? padded : tint(tone, padded),
    tint('strong', harmless(event)),
    facts.join(' '),
  ]
    .join('  ')
    .trimEnd();
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? harmless(value) : JSON.stringify(value);
  return typeof value === 'string' && /[\s="]|^$/.test(text) ? JSON.stringify(text) : text;
}
