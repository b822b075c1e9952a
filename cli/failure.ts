// What can go wrong in a command, told so that a person can mend it and a program can tell cases apart: a stable code,
// a sentence that names the value at fault, and what to do. No password may get into any of them.

import { say } from './terminal.ts';

/** Exit codes of every command. */
export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
export const EXIT_CONFIG_INVALID = 3;

export type FailureCode =
  // The words on the command line.
  | 'bad_usage'
  // Reaching a caster or server.
  | 'address_unknown'
  | 'connection_refused'
  | 'connection_failed'
  | 'connection_timeout'
  | 'tls_failed'
  | 'tls_untrusted'
  | 'no_reply'
  | 'closed_without_reply'
  | 'not_a_caster'
  // What a caster says no with.
  | 'login_refused'
  | 'access_forbidden'
  | 'mountpoint_unknown'
  | 'mountpoint_taken'
  | 'too_many_requests'
  | 'caster_busy'
  | 'request_refused'
  // What comes, or does not.
  | 'nothing_received'
  | 'table_incomplete'
  | 'no_frames'
  // Files and keys.
  | 'file_missing'
  | 'file_unreadable'
  | 'file_unwritable'
  | 'place_invalid'
  | 'config_invalid'
  | 'key_missing'
  | 'key_refused'
  | 'events_unavailable'
  | 'answer_refused'
  // A vehicle.
  | 'vehicle_folder_unusable'
  | 'vehicle_not_enrolled'
  | 'enrolment_refused';

export interface Failure {
  readonly code: FailureCode;
  /** What happened, with the value at fault. */
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
}

/** Exit code of a command that ends with `failure`. */
function exitCodeOf(failure: Failure): number {
  if (failure.code === 'bad_usage') return EXIT_USAGE;
  return failure.code === 'config_invalid' ? EXIT_CONFIG_INVALID : EXIT_FAILED;
}

/** Tells the failure on standard error, as one JSON object where `asJson`, and sets the exit code of the process. */
export function endWith(failure: Failure, asJson: boolean): void {
  process.exitCode = exitCodeOf(failure);
  say(asJson ? JSON.stringify({ error: failure }) : failureText(failure));
}

/** For people: `code: message (fix)`. */
export function failureText(failure: Failure): string {
  return `${failure.code}: ${failure.message} (${failure.fix})`;
}

/** A failure of reading or writing `path`, from the error Node gave. */
export function fileFailure(path: string, error: unknown, writing = false): Failure {
  const code = errorCode(error);
  if (code === 'ENOENT' && !writing) {
    return { code: 'file_missing', message: `there is no file ${path}`, fix: 'check the path' };
  }
  const verb = writing ? 'written' : 'read';
  return {
    code: writing ? 'file_unwritable' : 'file_unreadable',
    message: `${path} cannot be ${verb}: ${errorText(error)}`,
    fix: writing
      ? 'name a file in a folder that exists and may be written to'
      : 'check the path and its rights',
  };
}

export function badUsage(message: string, fix: string): Failure {
  return { code: 'bad_usage', message, fix };
}

/** Node's code of an error, such as ENOENT; empty where it has none. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** The message of an error without the system call and path that Node appends. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [text = ''] = error.message.split(/, (?:open|scandir|stat|mkdir|access|write|read|connect) /, 1);
  return text === '' ? errorCode(error) || error.name : text;
}
