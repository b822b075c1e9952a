// gpsd as rover: it asks for the sourcetable first and takes only a mountpoint that stands in it; then it reports every
// message it has read, by type, to whoever listens on its own port.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../faults/until.ts';
import { RECORDINGS_PRESENT, SKIP_NOTE } from '../../recordings/recordings.ts';
import type { CasterProcess } from '../../support/caster-process.ts';
import { CREDENTIALS, nextSession, startBase, startNetwork } from './network.ts';
import { programPath, run, skipNote } from './programs.ts';
import { loadRecording } from './recordings.ts';

const skipped = skipNote('gpsd', 'stdbuf') + SKIP_NOTE;
const RECORDINGS = RECORDINGS_PRESENT
  ? ['sept_msm7_1hz.rtcm3', 'testglo_1004_1012_1hz.rtcm3', 'gpsd_zed_f9r_mixed.bin']
  : [];

let caster: CasterProcess;
let gpsdRuns = 0;
let ownAsks = 0;

beforeAll(async () => {
  if (skipped === '') caster = await startNetwork();
});

afterAll(async () => {
  if (skipped === '') await caster.stop();
});

/** Resolves when the sourcetable has the mountpoint, which comes a moment after its base: gpsd looks only once. */
async function untilListed(mountpoint: string): Promise<void> {
  for (;;) {
    ownAsks += 1;
    const headers = { 'ntrip-version': 'Ntrip/2.0', 'user-agent': 'NTRIP test' };
    const table = await (await fetch(`http://127.0.0.1:${caster.ready.ntrip}/`, { headers })).text();
    if (table.includes(`STR;${mountpoint};`)) return;
  }
}

/** A port that nobody has now; gpsd takes no 0. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is always an AddressInfo.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** What gpsd reports, as lines of JSON, to a program that watches it. */
async function watch(port: number): Promise<{ counts: () => Record<string, number>; close: () => void }> {
  let said = '';
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('latin1').on('data', (text: string) => (said += text));
  socket.write('?WATCH={"enable":true,"json":true};\n');
  await until(
    () => said.includes('"class":"WATCH"'),
    () => `gpsd says ${said}`,
  );
  return {
    // Its JSON is not always JSON (1013), but every report begins in the same way.
    counts: () => {
      const counts: Record<string, number> = {};
      for (const [, type] of said.matchAll(/^\{"class":"RTCM3","device":"[^"]*","type":(\d+)/gm)) {
        counts[type!] = (counts[type!] ?? 0) + 1;
      }
      return counts;
    },
    close: () => socket.destroy(),
  };
}

const sum = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((all, count) => all + count, 0);

describe.skipIf(skipped !== '')(`gpsd as rover${skipped}`, () => {
  test.each(RECORDINGS)('reads as many messages of each type as there are in %s', async (name) => {
    const recording = loadRecording(name);
    const base = await startBase(caster, 'CLOSED');
    await untilListed('CLOSED');
    const port = await freePort();
    gpsdRuns += 1;
    const opened = nextSession(caster, 'rover', 'CLOSED');
    const url = `ntrip://${CREDENTIALS}@127.0.0.1:${caster.ready.ntrip}/CLOSED`;
    const gpsd = run('stdbuf', [
      '-oL',
      '-eL',
      programPath('gpsd'),
      '-N',
      '-n',
      '-D',
      '5',
      '-S',
      String(port),
      url,
    ]);
    try {
      expect(await opened).toMatchObject({
        userAgent: expect.stringMatching(/^NTRIP gpsd\//) as string,
        version: 1,
      });
      const watching = await watch(port);
      for (const [sent, { bytes }] of recording.epochs.entries()) {
        base.say(bytes);
        // Not faster than gpsd reads: an epoch has a message at least.
        await until(
          () => sum(watching.counts()) >= sent,
          () => `${sum(watching.counts())} of ${sent}`,
        );
      }
      await until(
        () => sum(watching.counts()) >= sum(recording.counts),
        () => `gpsd has read ${JSON.stringify(watching.counts())}; it said\n${gpsd.errors().slice(-2000)}`,
      );
      expect(watching.counts()).toEqual(recording.counts);
      watching.close();
    } finally {
      await gpsd.stop('SIGTERM');
      await base.hangUp();
    }
  });

  test('asks for the sourcetable before the stream, each time', async () => {
    const page = await (await fetch(`http://127.0.0.1:${caster.ready.http}/metrics`)).text();
    const asked = Number(/^caster_requests_total\{kind="sourcetable"\} (\d+)$/m.exec(page)?.[1]);
    expect(asked).toBe(ownAsks + gpsdRuns);
  });
});
