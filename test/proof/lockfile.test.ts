// Proves DESIGN §11's word on `npm ci`: the lockfile knows every platform's package, so that an install on
// any of them finds what package.json asks for, and it names no registry of anybody's own.
// Never fetches anything: it reads package-lock.json and nothing else.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const words = z.union([z.string().transform((word) => [word]), z.array(z.string())]);
const lockSchema = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      optional: z.boolean().default(false),
      os: words.optional(),
      cpu: words.optional(),
      optionalDependencies: z.record(z.string(), z.string()).default({}),
    }),
  ),
});

const lockPath = path.resolve(import.meta.dirname, '../../package-lock.json');
const { packages } = lockSchema.parse(JSON.parse(readFileSync(lockPath, 'utf8')));

/** Where Node would find `name` from the package at `from` ('' is the project itself), or undefined. */
function resolveEntry(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const at = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[at] !== undefined) return at;
    if (folder === '') return undefined;
  }
}

const optionalEdges = Object.entries(packages).flatMap(([from, entry]) =>
  Object.entries(entry.optionalDependencies).map(([name, range]) => ({ from, name, range })),
);

describe('package-lock.json', () => {
  test('has an entry for every optional dependency of every package it lists', () => {
    expect(optionalEdges.length).toBeGreaterThan(20);
    const missing = optionalEdges.filter(({ from, name }) => resolveEntry(from, name) === undefined);
    expect(missing).toEqual([]);
  });

  test('marks each of those entries optional and gives it a version', () => {
    const wrong = optionalEdges.filter(({ from, name }) => {
      const entry = packages[resolveEntry(from, name) ?? ''];
      return entry?.optional !== true || entry.version === undefined;
    });
    expect(wrong).toEqual([]);
  });

  test('pins the exact version where a package asks for an exact one', () => {
    const exact = optionalEdges.filter(({ range }) => /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range));
    const wrong = exact.filter(({ from, name, range }) => {
      return packages[resolveEntry(from, name) ?? '']?.version !== range;
    });
    expect(exact.length).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
  });

  test.each([
    ['darwin', 'arm64', '@chdb/lib-darwin-arm64'],
    ['darwin', 'x64', '@chdb/lib-darwin-x64'],
    ['linux', 'arm64', '@chdb/lib-linux-arm64-gnu'],
    ['linux', 'x64', '@chdb/lib-linux-x64-gnu'],
  ])('keeps the embedded ClickHouse for %s %s to that platform', (os, cpu, name) => {
    expect(packages[`node_modules/${name}`]).toMatchObject({ optional: true, os: [os], cpu: [cpu] });
  });

  test('names no registry, so that each installation uses the one it is set up for', () => {
    const addressed = Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined);
    expect(addressed).toEqual([]);
  });
});
