// Two slots for the software of a part: one runs, the other takes what comes. The switch is one small file that is put in
// its place whole, so that whatever happens the part starts from a slot that was written, checked and started before.
//
//   boot.json  active    the slot that runs; null before the first installation
//              trying    the slot to start from next; it becomes active once its software has proved itself
//              tries     starts of it so far: power lost while it was tried counts as a failure the second time
//              floor     the highest version that ever proved itself: nothing below is installed any more
//
// That a part falls back to its active slot after a failed start is no downgrade: the floor was never raised for the
// version that failed.

import path from 'node:path';
import { compareVersions, isVersion } from '../../entitlements/version.ts';
import { readJson, type SlotFiles, writeJson } from './small-files.ts';

export type Slot = 'a' | 'b';

export interface Image {
  readonly version: string;
  readonly length: number;
  /** Hex. */
  readonly sha256: string;
}

interface Boot {
  readonly active: Slot | null;
  readonly trying: Slot | null;
  readonly tries: number;
  readonly floor: string | null;
}

export type Started =
  | { readonly kind: 'running'; readonly image: Image; readonly file: string }
  /** The new software did not start; what ran before runs on. */
  | { readonly kind: 'fell_back'; readonly failed: Image | undefined; readonly image: Image | undefined }
  | { readonly kind: 'empty' };

/** True where the software of a slot works: it is started on trial. */
export type SelfTest = (file: string, image: Image) => Promise<boolean>;

const TRIES_MAX = 2;

export class PartSlots {
  readonly #folder: string;
  readonly #steps: SlotFiles;

  /** `folder` is the part's own. */
  constructor(folder: string, steps: SlotFiles) {
    this.#folder = folder;
    this.#steps = steps;
    steps.makeFolder(folder);
  }

  /** The highest version that ever proved itself here. */
  get floor(): string | null {
    return this.#boot().floor;
  }

  /** What runs; undefined where nothing does. */
  get running(): Image | undefined {
    const { active } = this.#boot();
    return active === null ? undefined : this.#imageOf(active);
  }

  /** True where software waits for its trial: the power went before it was over. */
  get isTrying(): boolean {
    return this.#boot().trying !== null;
  }

  isDowngrade(version: string): boolean {
    const { floor } = this.#boot();
    return floor !== null && compareVersions(version, floor) < 0;
  }

  /** Takes `file`, which is checked and synced, into the slot that does not run, to be started from next. */
  install(file: string, image: Image): void {
    const boot = this.#boot();
    const slot = otherThan(boot.active);
    // From here on the slot says nothing of what it held.
    this.#steps.remove(this.#manifestOf(slot));
    this.#steps.syncFolder(this.#folder);
    this.#steps.rename(file, this.#fileOf(slot));
    this.#steps.syncFolder(this.#folder);
    writeJson(this.#steps, this.#manifestOf(slot), image);
    this.#write({ ...boot, trying: slot, tries: 0 });
  }

  /** What happens when the part starts: from the slot on trial, and from the active one where that fails. */
  async start(selfTest: SelfTest): Promise<Started> {
    const boot = this.#boot();
    if (boot.trying === null) return this.#startActive(boot);
    const { trying, tries } = boot;
    const image = this.#imageOf(trying);
    if (image !== undefined && tries < TRIES_MAX && (await this.#isWhole(trying, image))) {
      // Before the trial: a start that takes the power with it must not be tried for ever.
      this.#write({ ...boot, tries: tries + 1 });
      if (await selfTest(this.#fileOf(trying), image)) {
        const floor =
          boot.floor !== null && compareVersions(boot.floor, image.version) > 0 ? boot.floor : image.version;
        this.#write({ active: trying, trying: null, tries: 0, floor });
        return { kind: 'running', image, file: this.#fileOf(trying) };
      }
    }
    this.#write({ ...boot, trying: null, tries: 0 });
    const active = boot.active === null ? undefined : this.#imageOf(boot.active);
    return { kind: 'fell_back', failed: image, image: active };
  }

  #startActive({ active }: Boot): Started {
    const image = active === null ? undefined : this.#imageOf(active);
    if (active === null || image === undefined) return { kind: 'empty' };
    return { kind: 'running', image, file: this.#fileOf(active) };
  }

  async #isWhole(slot: Slot, { sha256 }: Image): Promise<boolean> {
    return (await this.#steps.sha256Of(this.#fileOf(slot))) === sha256;
  }

  #boot(): Boot {
    const read = readJson(this.#steps, this.#bootFile()) as Partial<Boot> | undefined;
    return {
      active: slotOf(read?.active),
      trying: slotOf(read?.trying),
      tries: typeof read?.tries === 'number' ? read.tries : 0,
      floor: typeof read?.floor === 'string' && isVersion(read.floor) ? read.floor : null,
    };
  }

  #write(boot: Boot): void {
    writeJson(this.#steps, this.#bootFile(), boot);
  }

  #imageOf(slot: Slot): Image | undefined {
    return readJson(this.#steps, this.#manifestOf(slot)) as Image | undefined;
  }

  #bootFile(): string {
    return path.join(this.#folder, 'boot.json');
  }

  #fileOf(slot: Slot): string {
    return path.join(this.#folder, `${slot}.image`);
  }

  #manifestOf(slot: Slot): string {
    return path.join(this.#folder, `${slot}.json`);
  }
}

function otherThan(active: Slot | null): Slot {
  return active === 'a' ? 'b' : 'a';
}

function slotOf(value: unknown): Slot | null {
  return value === 'a' || value === 'b' ? value : null;
}
