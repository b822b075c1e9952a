// What a device's program may ask by the signed API: an account for plain NTRIP, the activation of its account, and
// how things stand. The same steps decide as for signed NTRIP; the route only carries question and answer.

import type { UsageOwner } from '../metering/usage-row.ts';
import type { IsWanted, Refusal, RoverPosition } from './admission.ts';

/** A call as it came in, with everything its signature covers. */
export interface SignedCall {
  /** The Authorization header as sent. */
  readonly authorization: string | undefined;
  readonly method: string;
  /** With its query, as sent. */
  readonly path: string;
  /** The body's bytes as sent; empty where there is none. */
  readonly body: Uint8Array;
  /** Of the device, behind whatever trusted proxy. */
  readonly address: string;
  readonly userAgent: string;
  readonly isWanted: IsWanted;
}

export interface TerminalLoginAsk {
  /** What the device wants to listen to; the answer names the one its service gives where it says none. */
  readonly mountpoint?: string | undefined;
  readonly position?: RoverPosition | undefined;
}

export interface TerminalLogin {
  readonly username: string;
  /** Lent: good for this account until `expiresAtMs`, at most 32 characters. */
  readonly password: string;
  /** Undefined where the device may choose and has not. */
  readonly mountpoint: string | undefined;
  readonly expiresAtMs: number;
}

export interface TerminalStatus {
  readonly username: string | undefined;
  readonly activatedAtMs: number | undefined;
  readonly validUntilMs: number | undefined;
  /** Open sessions of the account on this node. */
  readonly sessions: number;
  /** What a login would be refused for now; undefined where it would be let in. */
  readonly refusal: Refusal | undefined;
}

export type TerminalAnswer<Value> = { readonly ok: true; readonly value: Value } | Refusal;

/** Hears how each login of a device's program ended, for who counts logins. */
export interface TerminalLogins {
  lent(call: SignedCall, owner: UsageOwner, mountpoint: string): void;
  refused(call: SignedCall, asked: { username: string; mountpoint: string }, refusal: Refusal): void;
}

export interface TerminalDesk {
  login(call: SignedCall, ask: TerminalLoginAsk): Promise<TerminalAnswer<TerminalLogin>>;
  /** Activates the device's account, allocating one where it has none yet; again is no error. */
  activate(call: SignedCall): Promise<TerminalAnswer<TerminalStatus>>;
  status(call: SignedCall): Promise<TerminalAnswer<TerminalStatus>>;
}
