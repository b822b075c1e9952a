// A disk whose power can go at any step. What was written and not synced, and what was renamed in a folder that was not
// synced, is lost, half there or there, as whoever plugs it in again chooses.

import path from 'node:path';
import type { FileSteps } from '../../../../licensing/vehicle/storage/file-steps.ts';

export class PowerLost extends Error {}

/** What becomes of what the disk had not been told to make last. */
export type Fate = 'lost' | 'torn' | 'kept';

interface Content {
  bytes: Buffer;
  isSynced: boolean;
}

export class FailingDisk {
  /** As programs see it. */
  #names = new Map<string, Content>();
  /** As the platters have it. */
  #lasting = new Map<string, Content>();
  #stepsLeft = Infinity;
  steps = 0;

  /** The power goes after so many steps more. */
  failAfter(steps: number): void {
    this.#stepsLeft = steps;
  }

  /** Power is back. */
  plugIn(fate: Fate): void {
    const names = fate === 'lost' ? this.#lasting : this.#names;
    this.#names = new Map(
      [...names].map(([name, { bytes, isSynced }]) => {
        const isTorn = fate !== 'kept' && !isSynced;
        const half = fate === 'torn' ? bytes.subarray(0, bytes.length >> 1) : Buffer.alloc(0);
        return [name, { bytes: isTorn ? half : bytes, isSynced: true }];
      }),
    );
    this.#lasting = new Map(this.#names);
    this.#stepsLeft = Infinity;
  }

  copy(): ReadonlyMap<string, unknown> {
    return new Map(this.#names);
  }

  /** Somebody writes an old copy over everything. */
  putBack(copy: ReadonlyMap<string, unknown>): void {
    this.#names = new Map(copy as ReadonlyMap<string, Content>);
    this.#lasting = new Map(this.#names);
  }

  readonly files: FileSteps = {
    read: (file) => this.#names.get(file)?.bytes,
    write: (file, bytes) => {
      this.#step();
      this.#names.set(file, { bytes: Buffer.from(bytes), isSynced: false });
    },
    sync: (file) => {
      this.#step();
      this.#names.get(file)!.isSynced = true;
    },
    rename: (from, to) => {
      this.#step();
      this.#names.set(to, this.#names.get(from)!);
      this.#names.delete(from);
    },
    syncFolder: (folder) => {
      this.#step();
      const inFolder = ([name]: [string, Content]): boolean => path.dirname(name) === folder;
      const others = [...this.#lasting].filter((entry) => !inFolder(entry));
      this.#lasting = new Map([...others, ...[...this.#names].filter(inFolder)]);
    },
    remove: (file) => {
      this.#step();
      this.#names.delete(file);
    },
    makeFolder: () => undefined,
  };

  #step(): void {
    if (this.#stepsLeft <= 0) throw new PowerLost('the power is gone');
    this.#stepsLeft -= 1;
    this.steps += 1;
  }
}
