// A number that only rises. Outside the storage, it is what storage that was copied back is behind of; here it is a record in
// another folder, in a car a monotonic counter of an RPMB partition or of a TPM's NV memory, which nobody can turn back.
// The software of a part has one, too: the greatest number of an activation string that it has obeyed.

import { type SealedFiles } from './sealed-files.ts';

export interface CounterAnchor {
  /** 0 where it was never raised. */
  read(): number;
  /**
   * Durable when it returns; what is not above the number changes nothing. To be called after the storage has the number,
   * so that a loss of power between harms nobody.
   */
  raise(to: number): void;
}

/** `files` is of a folder other than that of the storage which it is to be compared with. */
export function anchorIn(files: SealedFiles, record = 'counter'): CounterAnchor {
  const read = (): number => {
    const kept = files.read(record);
    return kept.kind === 'kept' ? Number(kept.bytes.toString()) : 0;
  };
  let highest: number | undefined;
  return {
    read: () => (highest ??= read()),
    raise(to) {
      highest ??= read();
      if (to <= highest) return;
      files.write(record, Buffer.from(String(to)));
      highest = to;
    },
  };
}
