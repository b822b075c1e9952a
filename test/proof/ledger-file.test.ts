// Proves what DESIGN §8 lays the ledger on: a mapped file keeps every counter through SIGKILL and through the end
// of a worker thread, and a disk that is full is an error when the file is made and nothing at all afterwards.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLedger, FIELD_BYTES, mapLedger, RECORD_FIELDS } from './ledger-file.ts';
import { ERRNO, mapFile, munmap } from './libc.ts';

const LEDGER_BYTES = 1 << 20;
const EPOCH_BYTES = 1234;

let folder = '';
let file = '';

function scriptBeside(name: string): string {
  return path.join(import.meta.dirname, name);
}

/** The numbers of record `record` as the file has them, read without any mapping. */
function readRecord(record: number): number[] {
  const bytes = readFileSync(file);
  return Array.from({ length: RECORD_FIELDS }, (_, field) =>
    bytes.readDoubleLE((record * RECORD_FIELDS + field) * FIELD_BYTES),
  );
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rovercast-ledger-'));
  file = path.join(folder, 'ledger');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('a mapped ledger file', () => {
  test.each([1, 2, 3])(
    'keeps every counter of a process that is killed in the middle (round %i)',
    async () => {
      expect(createLedger(file, LEDGER_BYTES)).toBe(0);
      const bumper = spawn(process.execPath, [
        scriptBeside('ledger-bumper.ts'),
        file,
        String(LEDGER_BYTES),
        String(EPOCH_BYTES),
      ]);
      let said = '';
      bumper.stdout.setEncoding('latin1').on('data', (text: string) => {
        said += text;
        if (said.length > 20_000) bumper.kill('SIGKILL');
      });
      await once(bumper, 'close');
      const lastSaid = Number(said.trimEnd().split('\n').at(-1));
      const [bytes, epochs, lastActivity, echo] = readRecord(0);

      expect(bumper.signalCode).toBe('SIGKILL');
      // It may have died after a bump and before saying so, and in the middle of the next one.
      expect([lastSaid, lastSaid + 1, lastSaid + 2]).toContain(bytes! / EPOCH_BYTES);
      expect(bytes! / EPOCH_BYTES - epochs!).toBeOneOf([0, 1]);
      expect(epochs! - lastActivity!).toBeOneOf([0, 1]);
      expect(lastActivity! - echo! / EPOCH_BYTES).toBeOneOf([0, 1]);
    },
  );

  test('stays with the main thread that mapped it while the workers that bump it are ended', async () => {
    expect(createLedger(file, LEDGER_BYTES)).toBe(0);
    const { address, numbers } = mapLedger(file, LEDGER_BYTES);
    for (let record = 0; record < 10; record += 1) {
      const workerData = { address, bytes: LEDGER_BYTES, record };
      const worker = new Worker(scriptBeside('ledger-bump-worker.ts'), { workerData });
      await once(worker, 'message');
      await worker.terminate();
    }
    const seen = Array.from({ length: 10 }, (_, record) => numbers[record * RECORD_FIELDS]!);
    const stored = Array.from({ length: 10 }, (_, record) => readRecord(record)[0]!);
    expect(stored).toEqual(seen);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(1_000_000);
  });

  test('has all its blocks from the start, which a merely lengthened one has not', () => {
    const sparse = path.join(folder, 'sparse');
    expect([createLedger(file, LEDGER_BYTES), createLedger(sparse, LEDGER_BYTES, true)]).toEqual([0, 0]);
    const heldBytes = (name: string) => statSync(name).blocks * 512;
    expect(heldBytes(file)).toBeGreaterThanOrEqual(LEDGER_BYTES);
    expect(heldBytes(sparse)).toBeLessThan(LEDGER_BYTES);
  });

  test('can be mapped twice, and both see one another', () => {
    createLedger(file, LEDGER_BYTES);
    const [first, second] = [mapLedger(file, LEDGER_BYTES), mapLedger(file, LEDGER_BYTES)];
    first.numbers[17] = 42;
    expect(second.address).not.toBe(first.address);
    expect(second.numbers[17]).toBe(42);
    expect(munmap(second.address, LEDGER_BYTES)).toBe(0);
  });

  test('that cannot be mapped is an error and not an address', () => {
    expect(() => mapFile(-1, LEDGER_BYTES)).toThrow(`mmap: errno ${ERRNO.EBADF}`);
  });
});

describe('a ledger file on a disk of one megabyte', () => {
  /** Runs the scene on a tmpfs that only the child can see; undefined where none may be mounted. */
  function playOnSmallDisk(scene: string) {
    const mountAndRun = 'mount -t tmpfs -o size=1m none "$1" || exit 77; exec "$2" "$3" "$1" "$4"';
    const script = scriptBeside('ledger-full-disk.ts');
    const namespaces = ['--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])];
    const run = spawnSync(
      'unshare',
      [...namespaces, 'sh', '-c', mountAndRun, 'sh', folder, process.execPath, script, scene],
      { encoding: 'utf8' },
    );
    if (run.error !== undefined || run.status === 77 || run.stderr.startsWith('unshare:')) return undefined;
    return { status: run.status, signal: run.signal, said: run.stdout.trim().split('\n') };
  }

  test.for([
    {
      scene: 'too-small',
      title: 'is refused with ENOSPC when there is no room for it',
      expected: { status: 0, signal: null, said: [{ allocation: ERRNO.ENOSPC }] },
    },
    {
      scene: 'full-afterwards',
      title: 'is written to the last number when the disk is filled afterwards',
      expected: {
        status: 0,
        signal: null,
        said: [{ allocation: 0, ballast: 'ENOSPC' }, { sum: (7 * (256 << 10)) / FIELD_BYTES }],
      },
    },
    {
      scene: 'sparse',
      title: 'would kill the process with SIGBUS there if it had not been allocated',
      expected: { status: null, signal: 'SIGBUS', said: [{ allocation: 0, ballast: 'ENOSPC' }] },
    },
  ])('$title', ({ scene, expected }, { skip }) => {
    const outcome = playOnSmallDisk(scene);
    if (outcome === undefined) {
      skip('a tmpfs of its own may not be mounted here');
      return;
    }
    expect({ ...outcome, said: outcome.said.map((line): unknown => JSON.parse(line)) }).toEqual(expected);
  });
});
