// The calendar of a time zone. A local time is written as the ms that UTC would have at that date and time of day, so
// that dates are reckoned with by UTC's own functions.

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const numeric = 'numeric';
    format = new Intl.DateTimeFormat('en-US-u-ca-iso8601', {
      timeZone,
      hourCycle: 'h23',
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** The local time at an instant. */
export function toLocal(timeZone: string, atMs: number): number {
  if (timeZone === 'UTC') return atMs;
  const fields = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of formatOf(timeZone).formatToParts(atMs)) {
    if (Object.hasOwn(fields, type)) fields[type as keyof typeof fields] = Number(value);
  }
  const { year, month, day, hour, minute, second } = fields;
  const ms = ((atMs % SECOND_MS) + SECOND_MS) % SECOND_MS;
  return Date.UTC(year, month - 1, day, hour, minute, second) + ms;
}

/**
 * The instant of a local time. One that the clock jumps over is as much later as the clock jumped; of one that comes
 * twice it is the first.
 */
export function fromLocal(timeZone: string, localMs: number): number {
  if (timeZone === 'UTC') return localMs;
  const offsetAt = (atMs: number): number => toLocal(timeZone, atMs) - atMs;
  const before = offsetAt(localMs - DAY_MS);
  const after = offsetAt(localMs + DAY_MS);
  const first = localMs - before;
  if (before === after || offsetAt(first) === before) return first;
  const second = localMs - after;
  return offsetAt(second) === after ? second : first;
}

/** The same day and time of day some months later, on the last day of a month that is too short. */
export function addMonths(localMs: number, months: number): number {
  const date = new Date(localMs);
  const month = date.getUTCMonth() + months;
  const dayLast = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const day = Math.min(date.getUTCDate(), dayLast);
  const timeOfDay = ((localMs % DAY_MS) + DAY_MS) % DAY_MS;
  return Date.UTC(date.getUTCFullYear(), month, day) + timeOfDay;
}

export function addDays(localMs: number, days: number): number {
  return localMs + days * DAY_MS;
}
