// What one check of `rovercast doctor` found.

export interface Finding {
  /** What was looked at, in few words. */
  readonly check: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do; null where all is well. */
  readonly fix: string | null;
}

export function fine(check: string, detail: string): Finding {
  return { check, level: 'ok', detail, fix: null };
}

/** It will run, but not as it should. */
export function warning(check: string, detail: string, fix: string): Finding {
  return { check, level: 'warn', detail, fix };
}

/** It will not run, or not for its users. */
export function failing(check: string, detail: string, fix: string): Finding {
  return { check, level: 'fail', detail, fix };
}
