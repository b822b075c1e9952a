// Tests what the main thread learns of sessions that run: where rovers say they are, at a bounded rate, and what has
// gone to and come from each, when it asks.

import { describe, expect, test } from 'vitest';
import { observationFrame } from '../support/frames.ts';
import { joinGranted } from '../support/granted-rover.ts';
import { ggaLine, sourceRequest } from '../support/ntrip-requests.ts';
import { useScriptedWorkers } from '../support/scripted-workers.ts';
import { eventually } from '../support/use-caster.ts';
import { connectPeer } from '../support/wire-peer.ts';

const workers = useScriptedWorkers({
  timing: { roverSilentMs: 0 },
  mountpoints: [{ name: 'TEST1', sourcePassword: 'password1' }],
});

/** Of these sessions, from whichever worker has them. */
async function factsOf(...ids: string[]) {
  const { pool } = workers();
  const answers = await Promise.all([0, 1].map((worker) => pool.sessionFacts(worker, ids)));
  return answers.flat();
}

const positionsOf = (id: string) => workers().positions.filter(({ sessionId }) => sessionId === id);

/** As a receiver with float ambiguities says it, 1.4 s behind its base. */
const FLOAT = '$GNGGA,101112.50,4722.6200,N,00832.4600,E,5,17,0.7,431.25,M,47.1,M,1.4,0123';
function withChecksum(line: string): string {
  let checksum = 0;
  for (const byte of Buffer.from(line.slice(1))) checksum ^= byte;
  return `${line}*${checksum.toString(16).toUpperCase().padStart(2, '0')}\r\n`;
}

describe('positions', () => {
  test('come with fix, satellites, age of corrections and time, whatever mountpoint the rover has', async () => {
    const beforeMs = Date.now();
    const { sessionId, peer } = await joinGranted(workers(), {}, { behind: withChecksum(FLOAT) });
    const [report] = await eventually('a report', () => {
      const reports = positionsOf(sessionId);
      return reports.length > 0 ? reports : undefined;
    });
    expect(report!.fix).toEqual({
      latitudeDeg: expect.closeTo(47 + 22.62 / 60, 9) as number,
      longitudeDeg: expect.closeTo(8 + 32.46 / 60, 9) as number,
      heightM: 431.25,
      quality: 5,
      satellites: 17,
      hdop: 0.7,
      correctionAgeS: 1.4,
      atMs: expect.any(Number) as number,
    });
    expect(report!.fix.atMs).toBeGreaterThanOrEqual(beforeMs);
    expect(report!.fix.atMs).toBeLessThanOrEqual(Date.now());
    peer.hangUp();
  });

  test.each([
    ['a rover of whom nobody wants to know', {}],
    ['a rover that must say where it is', { gga: { withinMs: 60_000 } }],
  ])('of %s come once in ten seconds, however often it speaks', async (_what, limits) => {
    const rover = await joinGranted(workers(), limits);
    const other = await joinGranted(workers(), limits);
    for (let n = 0; n < 300; n++) rover.peer.send(ggaLine(47 + n / 1000, 8));
    // Where the worker tells of one that came later, it has told of those.
    await rover.peer.sendInPieces(Buffer.from(ggaLine(48, 8)), () => 5);
    other.peer.send(ggaLine(47, 9));
    await eventually('both are told of', () =>
      positionsOf(rover.sessionId).length > 0 && positionsOf(other.sessionId).length > 0 ? true : undefined,
    );
    expect(positionsOf(rover.sessionId)).toHaveLength(1);
    rover.peer.hangUp();
    other.peer.hangUp();
  });

  test('cut into pieces at any place are read', async () => {
    const { sessionId, peer } = await joinGranted(workers(), {});
    await peer.sendInPieces(Buffer.from(`\xb5b\x01$GPGSV,1*00\r\n${ggaLine(47.5, 8.25)}`, 'latin1'), () => 3);
    const reports = await eventually('a report', () =>
      positionsOf(sessionId).length > 0 ? positionsOf(sessionId) : undefined,
    );
    expect(reports[0]!.fix.latitudeDeg).toBeCloseTo(47.5, 6);
    peer.hangUp();
  });
});

describe('what has gone to and come from a session', () => {
  test('is told while it runs, for a rover and its base alike', async () => {
    const base = await connectPeer(workers().port);
    base.send(sourceRequest('password1', 'TEST1'));
    await base.readHead();
    const rovers = [await joinGranted(workers(), {}), await joinGranted(workers(), {})];
    const epochs = Array.from({ length: 5 }, (_epoch, n) => observationFrame(1, 1000 * n, 40));
    const bytes = Buffer.concat(epochs).length;
    for (const epoch of epochs) {
      base.send(epoch);
      await Promise.all(rovers.map(({ peer }) => peer.read(epoch.length)));
    }
    const ids = rovers.map(({ sessionId }) => sessionId);
    const facts = await factsOf(...ids, 'ses_nobody');
    expect(facts.map(({ sessionId }) => sessionId).toSorted()).toEqual(ids.toSorted());
    for (const fact of facts) {
      expect(fact).toMatchObject({
        bytes,
        epochs: 5,
        frames: 5,
        epochsDropped: 0,
        servedMountpoint: 'TEST1',
      });
    }
    for (const { peer } of rovers) peer.hangUp();
    base.hangUp();
  });

  test('has the newest position, which no report has told yet', async () => {
    const { sessionId, peer } = await joinGranted(workers(), { gga: { withinMs: 60_000 } });
    for (const latitude of [47.1, 47.2, 47.3]) peer.send(ggaLine(latitude, 8));
    await eventually('the newest', async () => {
      const [fact] = await factsOf(sessionId);
      return Math.abs((fact?.fix?.latitudeDeg ?? 0) - 47.3) < 1e-6 ? true : undefined;
    });
    peer.hangUp();
  });

  test('of a session that has ended is nothing', async () => {
    const { sessionId, peer } = await joinGranted(workers(), {});
    peer.hangUp();
    await workers().endOf(sessionId);
    expect(await factsOf(sessionId)).toEqual([]);
  });

  test('is not waited for where there is nobody to ask', async () => {
    expect(await workers().pool.sessionFacts(7, ['ses_a'])).toEqual([]);
    expect(await workers().pool.sessionFacts(0, [])).toEqual([]);
  });
});
