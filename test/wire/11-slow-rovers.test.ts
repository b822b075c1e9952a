// Tests whether a rover that takes nothing for a while costs nobody else a byte, gets whole frames of the newest epochs
// when it reads again, and is let go by name when it never does.

import { describe, expect, test } from 'vitest';
import { makeCertificate } from '../support/certificates.ts';
import { bytesInChunks } from '../support/chunks.ts';
import {
  ephemerisFrame,
  epochMsOf,
  makeFrame,
  messageNumberOf,
  observationFrame,
  positionFrame,
  wholeFrames,
} from '../support/frames.ts';
import { getRequest, sourceRequest } from '../support/ntrip-requests.ts';
import { type CasterProcess, type LogLine } from '../support/caster-process.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { eventually, logFromHere, metricOf, useCaster } from '../support/use-caster.ts';
import { connectPeer, type WirePeer } from '../support/wire-peer.ts';

/** Far enough apart that the caster takes no two epochs for one burst. */
const EPOCH_PERIOD_MS = 250;
const STALL_MS = 2000;
/** Epochs that are dropped before nothing more finds room. */
const DROPS_UNTIL_FULL = 20;
const certificate = makeCertificate(useTempFolder(), 'localhost');

function configOf(mountpoints: readonly string[], timing: object = {}): Record<string, unknown> {
  return {
    streamWorkers: 1,
    mountpoints: mountpoints.map((name) => ({
      name,
      sourcePassword: 'password1',
      access: 'open',
      chunked: name === 'CHUNKED',
    })),
    tls: { certFile: certificate.certFile, keyFile: certificate.keyFile },
    timing,
  };
}

/** Accepted, with its head taken. */
async function join(
  { ready: { ntrip, ntrips } }: CasterProcess,
  mountpoint: string,
  secure = false,
  from = '127.0.0.1',
): Promise<WirePeer> {
  const rover = await connectPeer(
    secure ? ntrips : ntrip,
    secure ? { from, tls: { ca: certificate.pem } } : { from },
  );
  rover.send(mountpoint === 'CHUNKED' ? getRequest(2, mountpoint) : getRequest(1, mountpoint));
  await rover.readHead();
  return rover;
}

async function push({ ready }: CasterProcess, mountpoint: string): Promise<WirePeer> {
  const base = await connectPeer(ready.ntrip);
  base.send(sourceRequest('password1', mountpoint));
  await base.readHead();
  return base;
}

/** Sends as a base does in the field: one epoch after the other, in its own time. */
async function sendPaced(
  base: WirePeer,
  epochs: readonly Buffer[],
  periodMs = EPOCH_PERIOD_MS,
): Promise<void> {
  for (const epoch of epochs) {
    base.send(epoch);
    await new Promise((resolve) => setTimeout(resolve, periodMs));
  }
}

/** Four epochs; a station and a satellite speak in the second and third. */
function epochsWithStations(round: number): Buffer[] {
  const [plain, second, third, fourth] = Array.from({ length: 4 }, (_none, n) =>
    observationFrame(1, 5000 + 4 * round + n, 200),
  );
  const [position, newerPosition] = [positionFrame(1, 2 * round, 8), positionFrame(1, 2 * round + 1, 9)];
  return [
    plain!,
    Buffer.concat([position, second!]),
    Buffer.concat([newerPosition, ephemerisFrame(7, round), third!]),
    fourth!,
  ];
}

/** What a rover has to get that gets these epochs: each with the newest of what was said since the one before. */
function deliveredWith(epochs: ReadonlySet<number>, sent: readonly Buffer[]): Buffer[] {
  const said = new Map<number, Buffer>();
  return sent.flatMap((bytes) => {
    const frames = wholeFrames(bytes);
    for (const frame of frames.slice(0, -1)) said.set(messageNumberOf(frame), frame);
    const observation = frames.at(-1)!;
    if (!epochs.has(epochMsOf(observation))) return [];
    const delivered = [...said.values(), observation];
    said.clear();
    return delivered;
  });
}

describe('a rover that stops reading and goes on later', () => {
  const caster = useCaster({ config: configOf(['RAW', 'CHUNKED', 'TLS']) });

  test.each([
    ['RAW', 'plain', false],
    ['CHUNKED', 'in chunks', false],
    ['TLS', 'over TLS', true],
  ])(
    '%s, %s: gets whole frames only, the newest epochs, and what stations said meanwhile; others get every byte',
    async (mountpoint, _how, secure) => {
      const closed = logFromHere(caster());
      const slow = await join(caster(), mountpoint, secure, '127.0.0.10');
      const quick = await Promise.all(Array.from({ length: 4 }, () => join(caster(), mountpoint, secure)));
      slow.socket.pause();
      const base = await push(caster(), mountpoint);
      const dropped = (): Promise<number> =>
        metricOf(caster(), 'caster_epochs_total', { outcome: 'dropped' });
      const droppedBefore = await dropped();
      // Sent until the kernels of both sides take no more for a rover that does not read; the one that receives still finds
      // room by pressing together what it has, so that the first that is dropped is not the last that is taken.
      const sent = Array.from({ length: 700 }, (_none, n) => observationFrame(1, 1000 + n, 990));
      base.send(Buffer.concat(sent));
      for (let n = 0; (await dropped()) < droppedBefore + DROPS_UNTIL_FULL; n++) {
        sent.push(observationFrame(1, 2000 + n, 990));
        await sendPaced(base, sent.slice(-1));
      }
      let droppedOnes: Buffer[] = [];
      for (let round = 0; droppedOnes.length === 0; round++) {
        const before = await dropped();
        const epochs = epochsWithStations(round);
        await sendPaced(base, epochs);
        sent.push(...epochs);
        // All that could be, the one that waited before them and those that were followed: nothing found room meanwhile.
        if ((await dropped()) - before === epochs.length) droppedOnes = epochs.slice(0, -1);
      }
      const last = observationFrame(1, 9000, 100);
      sent.push(last);
      const all = Buffer.concat(sent);
      slow.socket.resume();
      base.send(last);
      base.finish();

      const read = mountpoint === 'CHUNKED' ? readChunked : readUpTo;
      for (const rover of quick) expect((await read(rover, last)).equals(all)).toBe(true);
      const frames = wholeFrames(await read(slow, last));
      const epochs = frames.filter((frame) => messageNumberOf(frame) === 1077).map(epochMsOf);
      expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
      expect(new Set(epochs).size).toBe(epochs.length);
      expect(epochs.at(-1)).toBe(9000);
      for (const epoch of droppedOnes) expect(epochs).not.toContain(epochMsOf(wholeFrames(epoch).at(-1)!));
      expect(frames).toEqual(deliveredWith(new Set(epochs), sent));

      slow.hangUp();
      const isSlow = ({ address }: LogLine): boolean => address === '127.0.0.10';
      expect((await closed('session_closed', isSlow))['epochsDropped']).toBeGreaterThan(0);
      for (const rover of quick) rover.hangUp();
      const end = await closed('session_closed', (line) => line['role'] === 'rover' && !isSlow(line));
      expect(end['epochsDropped']).toBe(0);
    },
  );
});

async function readUpTo(rover: WirePeer, last: Buffer): Promise<Buffer> {
  await eventually('the last epoch', () =>
    rover.waiting.subarray(-last.length).equals(last) ? true : undefined,
  );
  return await rover.read(rover.waitingBytes);
}

async function readChunked(rover: WirePeer, last: Buffer): Promise<Buffer> {
  return await eventually('the last epoch', () => {
    const bytes = bytesInChunks(rover.waiting);
    return bytes.subarray(-last.length).equals(last) ? bytes : undefined;
  });
}

describe('a rover that takes next to nothing', () => {
  const caster = useCaster({ config: configOf(['STALL'], { stallMs: STALL_MS }) });
  const text = makeFrame(
    [
      [1029, 12],
      [1, 12],
    ],
    Buffer.alloc(1000, 0x41),
  );
  const epoch = (ms: number): Buffer =>
    Buffer.concat([...Array<Buffer>(59).fill(text), observationFrame(1, ms, 900)]);

  test.each([
    ['plain', false],
    ['TLS', true],
  ])('%s: one that never reads ends as stalled, one that reads slowly stays', async (_how, secure) => {
    const closed = logFromHere(caster());
    const stalled = await join(caster(), 'STALL', secure, '127.0.0.11');
    const slow = await join(caster(), 'STALL', secure, '127.0.0.12');
    stalled.socket.pause();
    // Takes what one reading gives, 64 kB or a TLS record of 16 kB, now and then: less than is sent.
    slow.socket.on('data', () => slow.socket.pause());
    const sips = setInterval(() => slow.socket.resume(), secure ? 50 : 200);
    const base = await push(caster(), 'STALL');
    let epochMs = 0;
    const stream = setInterval(() => base.send(epoch((epochMs += 50))), 50);
    const slowEnd = closed('session_closed', ({ address }) => address === '127.0.0.12');
    try {
      const { reason } = await closed('session_closed', ({ address }) => address === '127.0.0.11');
      expect(reason).toBe('stalled');
      // As long again and longer: had the slow one made no headway in the caster's eyes, it would be gone by then.
      const stillThere = sendPaced(base, Array<Buffer>(8).fill(text), STALL_MS / 4);
      expect(await Promise.race([slowEnd, stillThere])).toBeUndefined();
    } finally {
      clearInterval(sips);
      clearInterval(stream);
    }
    slow.hangUp();
    expect((await slowEnd)['reason']).not.toBe('stalled');
    stalled.socket.resume();
    await stalled.closed;
  });
});
