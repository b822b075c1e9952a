// What a result must say about where it was measured.

import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  const cores = `${availableParallelism()} cores`;
  return `${model}, ${cores}, ${memory} of memory, ${process.platform} ${release()}, Node ${process.version}`;
}

/** The commit, and whether the work tree differs from it. */
export function describeRevision(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const changed = git('status', '--porcelain', '--', '*.ts') === '' ? '' : ' with uncommitted changes';
    return `${git('rev-parse', '--short', 'HEAD')}${changed}`;
  } catch {
    return 'unknown';
  }
}

/** What else the machine was doing: processes that wanted a core in the last minute. */
export function describeLoad(): string {
  return loadavg()[0]!.toFixed(1);
}
