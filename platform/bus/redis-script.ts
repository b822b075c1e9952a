// A Lua script that Redis runs as one step.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface RedisScript {
  readonly lua: string;
  /** By which Redis knows it. */
  readonly sha: string;
}

/** The script made of these files, one after the other. */
export function readScript(folder: string, ...files: readonly string[]): RedisScript {
  const lua = files.map((file) => readFileSync(`${folder}/${file}`, 'utf8')).join('\n');
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}
