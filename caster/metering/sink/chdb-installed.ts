// Whether the embedded engine is there for this machine, found out without loading its 600 MB: the package and the one of
// its platforms are optional, and npm leaves out what does not fit.

import { createRequire } from 'node:module';

export type ChdbInstallation = { readonly ok: true } | { readonly ok: false; readonly detail: string };

export function findChdb(from: string = import.meta.url): ChdbInstallation {
  try {
    const program = createRequire(from).resolve('chdb');
    const platform = `${process.platform}-${process.arch}`;
    createRequire(program).resolve(`@chdb/lib-${platform}${process.platform === 'linux' ? '-gnu' : ''}`);
    return { ok: true };
  } catch (error) {
    const detail = error instanceof Error ? error.message.split('\n', 1)[0]! : String(error);
    return { ok: false, detail: `chdb is not installed for ${process.platform}-${process.arch}: ${detail}` };
  }
}
