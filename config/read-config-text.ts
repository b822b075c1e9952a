// The bytes of a configuration file as text, or why there are none. Looks before it reads: opening a device or a pipe
// could wait forever, and a file of any size would be taken into memory.

import { readFileSync, statSync } from 'node:fs';
import { CONFIG_FILE_BYTES_MAX } from './limits.ts';
import { type Problem } from './problem.ts';
import { type ProblemCode } from './problem-codes.ts';

export type ConfigText = { ok: true; text: string } | { ok: false; problem: Problem };

export function readConfigText(file: string): ConfigText {
  const fail = (code: ProblemCode, message: string, fix: string): ConfigText => ({
    ok: false,
    problem: { code, where: file, path: '', message, fix },
  });
  try {
    const status = statSync(file);
    if (status.isDirectory()) return fail('config_file_unreadable', 'is a folder', 'name the file in it');
    if (!status.isFile())
      return fail('config_file_unreadable', 'is not an ordinary file', 'name an ordinary file');
    if (status.size > CONFIG_FILE_BYTES_MAX) {
      const message = `has ${status.size} bytes, more than the ${CONFIG_FILE_BYTES_MAX} a configuration may have`;
      return fail(
        'config_file_too_large',
        message,
        'check that it is the right file; keep large numbers of accounts elsewhere',
      );
    }
    const bytes = readFileSync(file);
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (!('code' in error)) throw error;
    switch (error.code) {
      case 'ENOENT':
      case 'ENOTDIR':
        return fail(
          'config_file_missing',
          'there is no such file',
          'check the path; `rovercast config explain` prints one to begin with',
        );
      case 'ERR_ENCODING_INVALID_ENCODED_DATA':
        return fail('config_file_not_text', 'is not UTF-8 text', 'save it as UTF-8');
      default:
        return fail(
          'config_file_unreadable',
          `cannot be read (${String(error.code)})`,
          'check its permissions and those of its folder',
        );
    }
  }
}
