// Who is streaming now: every open session of the process with what an operator asks of it, and which base each
// mountpoint has. Lives on the main thread; workers report ends, admission reports beginnings.

import { newId } from '../../platform/store/id.ts';

/** Whose a session is whose account is one of the store. */
export interface SessionOwner {
  readonly customerId: string | null;
  readonly appId: string;
  readonly accountId: string;
  /** As the device names itself; undefined where it did not. */
  readonly device?: string | undefined;
}

/** The owner's fields are absent for bases, open mountpoints and accounts of the configuration file. */
export interface Session extends Partial<SessionOwner> {
  readonly id: string;
  readonly role: 'rover' | 'base';
  readonly worker: number;
  readonly mountpoint: string;
  readonly account: string | undefined;
  readonly address: string;
  readonly userAgent: string;
  readonly version: 1 | 2;
  readonly secure: boolean;
  /** Wall time, ms since 1970. */
  readonly startedAtMs: number;
  /** 0 for rovers. */
  readonly generation: number;
}

export class SessionRegistry {
  readonly #sessions = new Map<string, Session>();
  /** Of each account, oldest first. */
  readonly #byAccount = new Map<string, Set<Session>>();
  readonly #baseOf = new Map<string, Session>();

  get size(): number {
    return this.#sessions.size;
  }

  open(session: Session): void {
    this.#sessions.set(session.id, session);
    if (session.role === 'base') this.#baseOf.set(session.mountpoint, session);
    if (session.account === undefined) return;
    const siblings = this.#byAccount.get(session.account);
    if (siblings === undefined) this.#byAccount.set(session.account, new Set([session]));
    else siblings.add(session);
  }

  /** The session that ended, or undefined where it was closed before. */
  close(id: string): Session | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    this.#sessions.delete(id);
    if (this.#baseOf.get(session.mountpoint) === session) this.#baseOf.delete(session.mountpoint);
    if (session.account !== undefined) {
      const siblings = this.#byAccount.get(session.account);
      siblings?.delete(session);
      if (siblings?.size === 0) this.#byAccount.delete(session.account);
    }
    return session;
  }

  baseOf(mountpoint: string): Session | undefined {
    return this.#baseOf.get(mountpoint);
  }

  /** Open sessions of an account, oldest first. */
  ofAccount(account: string): ReadonlySet<Session> {
    return this.#byAccount.get(account) ?? NO_SESSIONS;
  }

  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** Every base that holds its mountpoint. */
  bases(): IterableIterator<Session> {
    return this.#baseOf.values();
  }

  all(): IterableIterator<Session> {
    return this.#sessions.values();
  }
}

const NO_SESSIONS: ReadonlySet<Session> = new Set();

/** Grows with time, so that lists of sessions page by it. */
export function newSessionId(): string {
  return newId('ses');
}
