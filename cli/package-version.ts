// The version of this package, from the package.json above this folder; the compiled one in dist/ has its own.

import { readFileSync } from 'node:fs';

export function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const content: unknown = JSON.parse(text);
  const named = typeof content === 'object' && content !== null && 'version' in content;
  return named && typeof content.version === 'string' ? content.version : 'unknown';
}
