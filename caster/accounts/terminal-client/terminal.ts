// A terminal: the program in a device that holds an app's key and secret and gets corrections by them, by the signed
// API or by signed NTRIP. It stands on fetch and node:crypto alone. The secret leaves it as a signature only.

import { randomBytes } from 'node:crypto';
import { authorizationHeader, ntripParts, ntripPassword, ntripUser, signRc1 } from '../signature.ts';
import {
  credentialsOf,
  readReply,
  serverTimeOf,
  standingOf,
  type TerminalCredentials,
  type TerminalReply,
  type TerminalStanding,
} from './terminal-reply.ts';

const ANSWER_MS_MAX = 15_000;
/** What a right clock and a new nonce mend: such a call is signed anew, once. */
const MENDED_BY_SIGNING_ANEW = ['clock_outside_window', 'signature_too_old', 'nonce_used'];

export interface TerminalOptions {
  /** Of the server's HTTP port, such as `https://caster.example:8080`. */
  readonly server: string;
  readonly appKey: string;
  readonly appSecret: string;
  /** Empty where the app needs none. */
  readonly deviceId?: string;
}

export interface LoginAsk {
  readonly mountpoint?: string;
  readonly position?: { readonly latitudeDeg: number; readonly longitudeDeg: number };
}

/** User name and password to type into a receiver. */
export interface NtripLogin {
  readonly username: string;
  readonly password: string;
}

export class Terminal {
  readonly #options: TerminalOptions;
  readonly #device: string;
  /** How much the server's clock is ahead of this machine's, as far as it was asked. */
  #serverAheadMs = 0;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#device = options.deviceId ?? '';
  }

  /** An account for plain NTRIP, with a password that holds until `expiresAtMs`. */
  login(ask: LoginAsk = {}): Promise<TerminalReply<TerminalCredentials>> {
    return this.#call('POST', '/v1/terminal/login', credentialsOf, ask);
  }

  /** Activates the device's account where its app leaves that to the device; again is no error. */
  activate(): Promise<TerminalReply<TerminalStanding>> {
    return this.#call('POST', '/v1/terminal/activate', standingOf);
  }

  status(): Promise<TerminalReply<TerminalStanding>> {
    return this.#call('GET', '/v1/terminal/status', standingOf);
  }

  /**
   * User and password of signed NTRIP for one mountpoint, good for a first connection within 300 s and for repeating it
   * on that mountpoint. A device without a clock calls `askTime` before.
   */
  ntripLogin(mountpoint: string): NtripLogin {
    const { appKey, appSecret } = this.#options;
    const claim = this.#newClaim();
    const signature = signRc1(appSecret, ntripParts(claim, this.#device, mountpoint));
    return { username: ntripUser(appKey, this.#device), password: ntripPassword({ ...claim, signature }) };
  }

  /** Sets this terminal's clock, not the machine's, by the server's. Half of the way there and back is taken off. */
  async askTime(): Promise<TerminalReply<number>> {
    const askedAtMs = performance.now();
    const reply = await this.#fetch('GET', '/v1/time', serverTimeOf, {}, undefined);
    if (!reply.ok) return reply;
    const serverMs = reply.value + (performance.now() - askedAtMs) / 2;
    this.#serverAheadMs = serverMs - Date.now();
    return { ok: true, value: serverMs };
  }

  /** The server's time, as far as it is known. */
  get nowMs(): number {
    return Date.now() + this.#serverAheadMs;
  }

  async #call<Value>(
    method: string,
    path: string,
    read: (fields: Readonly<Record<string, unknown>>) => Value | undefined,
    body?: object,
  ): Promise<TerminalReply<Value>> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const reply = await this.#signedFetch(method, path, read, text);
    if (reply.ok || reply.failure.kind !== 'refused') return reply;
    if (!MENDED_BY_SIGNING_ANEW.includes(reply.failure.code)) return reply;
    const time = await this.askTime();
    return time.ok ? await this.#signedFetch(method, path, read, text) : time;
  }

  #signedFetch<Value>(
    method: string,
    path: string,
    read: (fields: Readonly<Record<string, unknown>>) => Value | undefined,
    text: string | undefined,
  ): Promise<TerminalReply<Value>> {
    const { appKey, appSecret } = this.#options;
    const claim = this.#newClaim();
    const parts = { ...claim, device: this.#device, method, path, body: Buffer.from(text ?? '') };
    const signature = signRc1(appSecret, parts);
    const authorization = authorizationHeader({ ...claim, appKey, device: this.#device, signature });
    const headers = text === undefined ? {} : { 'content-type': 'application/json' };
    return this.#fetch(method, path, read, { authorization, ...headers }, text);
  }

  #newClaim(): { readonly seconds: number; readonly nonce: string } {
    return { seconds: Math.floor(this.nowMs / 1000), nonce: randomBytes(16).toString('base64url') };
  }

  async #fetch<Value>(
    method: string,
    path: string,
    read: (fields: Readonly<Record<string, unknown>>) => Value | undefined,
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
  ): Promise<TerminalReply<Value>> {
    try {
      const signal = AbortSignal.timeout(ANSWER_MS_MAX);
      const sent = { method, headers, signal, ...(body === undefined ? {} : { body }) };
      return await readReply(await fetch(new URL(path, this.#options.server), sent), read);
    } catch (error) {
      return { ok: false, failure: { kind: 'unreachable', message: messageOf(error) } };
    }
  }
}

/** What fetch says is `fetch failed`; the reason is behind it. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
