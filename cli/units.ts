// Numbers as people read them: bit rates, durations, times of day, counts with their noun.

/** `1 frame`, `2 frames`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Such as `812 bit/s`, `3.9 kbit/s`, `1.2 Mbit/s`. */
export function bitRate(bitsPerSecond: number): string {
  if (bitsPerSecond < 1000) return `${Math.round(bitsPerSecond)} bit/s`;
  if (bitsPerSecond < 1_000_000) return `${(bitsPerSecond / 1000).toFixed(1)} kbit/s`;
  return `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s`;
}

/** Such as `0.2 s`, `59 s`, `11 min 40 s`, `3 h 2 min`. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(seconds < 10 ? 2 : 0))} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 === 0 ? '' : ` ${whole % 60} s`}`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
}

/** Milliseconds of a day as `07:33:31` or `07:33:31.200`. */
export function timeOfDay(dayMs: number): string {
  const text = new Date(dayMs).toISOString().slice(11, 23);
  return text.endsWith('.000') ? text.slice(0, 8) : text;
}

/** Of the whole, with one decimal; never 100 % while something is missing. */
export function percent(part: number): string {
  if (part > 0 && part < 0.001) return 'under 0.1 %';
  const tenths = Math.floor(part * 1000) / 10;
  return `${part >= 1 ? 100 : tenths.toFixed(1)} %`;
}

/** Bytes as `812 B`, `1.5 MB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** step).toFixed(1)} ${units[step - 1]!}`;
}
