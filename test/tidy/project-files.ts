// The project's own files, read once, for the rules that look at all of them. A path is always relative to the root
// and written with `/`.

import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** One file: its path from the project's root, and its whole text. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

export const projectRoot = path.resolve(import.meta.dirname, '../..');

const FOREIGN = ['node_modules', '.git', 'dist', 'coverage', 'rovercast-data'];

function readAll(pattern: string): TextFile[] {
  const isForeign = (file: string): boolean => FOREIGN.includes(path.basename(file));
  return globSync(pattern, { cwd: projectRoot, exclude: isForeign })
    .filter((file) => statSync(path.join(projectRoot, file)).isFile())
    .toSorted()
    .map((file) => ({ path: file, text: readFileSync(path.join(projectRoot, file), 'utf8') }));
}

/** TypeScript and plain scripts, wherever they stand. */
export const codeFiles: readonly TextFile[] = readAll('**/*.{ts,tsx,mjs,js}');

/** Everything that people read or programs run, Markdown, shell and configuration included. */
export const textFiles: readonly TextFile[] = [
  ...codeFiles,
  ...readAll('**/*.{md,yaml,yml,json,sql,sh,html,css}'),
  ...readAll('{.ci/run,Dockerfile,.dockerignore,.npmrc,.gitignore}'),
].filter(({ path: file }) => file !== 'package-lock.json');

export const markdownFiles: readonly TextFile[] = textFiles.filter(({ path: file }) => file.endsWith('.md'));
