// One piece of software in the car, as its control unit runs it: functions that are always there, and functions that were
// paid for. It believes the cloud's activation string by the activation key and nobody in between: not the head unit that
// hands it on, and not what that says about times and uses.

import { readActivation } from '../../grants/format/activation-string.ts';
import type { ActivationPayload } from '../../grants/format/documents.ts';
import { compareVersions } from '../../entitlements/version.ts';
import type { AuthorityChain } from '../../pki/certificate-chain.ts';
import type { CounterAnchor } from '../storage/counter-anchor.ts';
import { readTrust, type Trust } from '../trust.ts';

export type ModuleRefusal =
  | 'software_has_no_trust'
  | 'activation_malformed'
  | 'activation_forged'
  | 'activation_of_other_vehicle'
  | 'activation_of_other_part'
  /** It has obeyed a later one: this one was taken away, or replaced. */
  | 'activation_older'
  | 'activation_too_new_for_software'
  | 'activation_over';

export type ModuleAnswer = { readonly ok: true } | { readonly ok: false; readonly reason: ModuleRefusal };

/** What a function needs that came with the right, beside the permission to run. */
export interface FunctionSettings {
  readonly correction: {
    readonly host: string;
    readonly port: number;
    readonly tls: boolean;
    readonly mountpoint: string;
    readonly username: string;
    readonly password: string;
  } | null;
}

export interface SoftwareParts {
  readonly partNumber: string;
  /** Of the car, as the control unit was told in the factory. */
  readonly vin: string;
  readonly freeFunctions?: readonly string[];
  /** The control unit's own clock, ms. */
  readonly now: () => number;
  /** Speed and gear of the car: a function is not taken away while it drives. */
  readonly isDriving: () => boolean;
  /** Its own memory of the greatest number that it has obeyed; without one it forgets it when the power goes. */
  readonly obeyed?: CounterAnchor;
  /** What the functions do when they go on, and off again. */
  readonly onFunctions?: (functions: readonly string[], settings: FunctionSettings) => void;
}

const NO_SETTINGS: FunctionSettings = { correction: null };

export class SoftwareModule {
  readonly partNumber: string;
  readonly freeFunctions: readonly string[];
  readonly #parts: SoftwareParts;
  readonly #obeyed: CounterAnchor;
  #version = '0';
  #root: Buffer | undefined;
  #trust: Trust | undefined;
  #running: ActivationPayload | undefined;

  constructor(parts: SoftwareParts) {
    this.#parts = parts;
    this.partNumber = parts.partNumber;
    this.freeFunctions = parts.freeFunctions ?? [];
    this.#obeyed = parts.obeyed ?? inMemory();
  }

  /** What the OTA client installed. */
  installed(version: string): void {
    this.#version = version;
  }

  /** The root is pinned with the first; a document by another chain changes nothing. */
  learnTrust(text: string, chain: AuthorityChain): boolean {
    if (this.#root !== undefined && !this.#root.equals(chain.root)) return false;
    const read = readTrust(text, chain, this.#parts.now());
    if (!read.ok) return false;
    this.#root = Buffer.from(chain.root);
    this.#trust = read.trust;
    return true;
  }

  /** Switches functions on or off, as the string says. Throws where its memory fails; nothing is changed then. */
  obey(activation: string, settings: FunctionSettings = NO_SETTINGS): ModuleAnswer {
    if (this.#trust === undefined) return refused('software_has_no_trust');
    const read = readActivation(activation, this.#trust.activationKeys);
    if (!read.ok) return read;
    const { payload } = read;
    if (payload.vin !== this.#parts.vin) return refused('activation_of_other_vehicle');
    if (payload.partNumber !== this.partNumber) return refused('activation_of_other_part');
    if (payload.seq < this.#obeyed.read()) return refused('activation_older');
    if (payload.instruction === 'deactivate') {
      this.#obeyed.raise(payload.seq);
      this.switchOff();
      return { ok: true };
    }
    if (compareVersions(this.#version, payload.version) < 0)
      return refused('activation_too_new_for_software');
    if (isOver(payload, this.#parts.now())) return refused('activation_over');
    this.#obeyed.raise(payload.seq);
    this.#running = payload;
    this.#parts.onFunctions?.(payload.functions, settings);
    return { ok: true };
  }

  /** Whoever may hand strings on may also switch off; never on. */
  switchOff(): void {
    if (this.#running === undefined) return;
    this.#running = undefined;
    this.#parts.onFunctions?.([], NO_SETTINGS);
  }

  isDriving(): boolean {
    return this.#parts.isDriving();
  }

  /** Everything that may be used at this moment. */
  functions(): readonly string[] {
    if (this.#running !== undefined && isOver(this.#running, this.#parts.now()) && !this.isDriving())
      this.switchOff();
    return [...this.freeFunctions, ...(this.#running?.functions ?? [])];
  }
}

function inMemory(): CounterAnchor {
  let number = 0;
  return { read: () => number, raise: (to) => void (number = Math.max(number, to)) };
}

function isOver({ notAfter }: ActivationPayload, nowMs: number): boolean {
  return notAfter !== null && notAfter * 1000 <= nowMs;
}

function refused(reason: ModuleRefusal): ModuleAnswer {
  return { ok: false, reason };
}
