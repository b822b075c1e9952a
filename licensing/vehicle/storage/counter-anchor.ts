// A number outside the storage that only rises: storage that was copied back is behind it. Here it is a record in another
// folder; in a car it is a monotonic counter of an RPMB partition or of a TPM's NV memory, which nobody can turn back.

import { type SealedFiles } from './sealed-files.ts';

export interface CounterAnchor {
  /** 0 where it was never raised. */
  read(): number;
  /** Durable when it returns. To be called after the storage has the number, so that a loss of power between harms nobody. */
  raise(to: number): void;
}

const RECORD = 'counter';

/** `files` is of a folder other than the storage's. */
export function anchorIn(files: SealedFiles): CounterAnchor {
  return {
    read() {
      const kept = files.read(RECORD);
      return kept.kind === 'kept' ? Number(kept.bytes.toString()) : 0;
    },
    raise: (to) => files.write(RECORD, Buffer.from(String(to))),
  };
}
