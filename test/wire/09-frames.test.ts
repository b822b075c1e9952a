// Tests whether every valid frame of real recordings reaches the rovers bit for bit, in order, with nothing before,
// between or behind, however the base's bytes come: at once, in segments, dribbled, at full speed, damaged, in chunks.

import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  oddFacts,
  recordingBytes,
  recordingFacts,
  recordingNames,
  RECORDINGS_PRESENT,
  SKIP_NOTE,
} from '../recordings/recordings.ts';
import { bytesInChunks } from '../support/chunks.ts';
import { cutFrames, makeFrame, messageNumberOf } from '../support/frames.ts';
import { getRequest, sourceRequest, uploadRequest } from '../support/ntrip-requests.ts';
import { useCaster } from '../support/use-caster.ts';
import { connectPeer, type WirePeer } from '../support/wire-peer.ts';
import { seededRandom } from '../unit/rtcm/seeded-random.ts';

const SEED = 20261122;
const LOGIN = { username: '', password: 'password1' };
/** A text message that stands in no recording: what a rover gets when all else has come. */
const MARKER = makeFrame(
  [
    [1029, 12],
    [4095, 12],
    [1, 16],
    [2, 17],
    [3, 7],
    [3, 8],
  ],
  Buffer.from('END'),
);

function configOf(streamWorkers: number): Record<string, unknown> {
  const mountpoint = { sourcePassword: 'password1', access: 'open', secondBase: 'takeOver' };
  return { streamWorkers, mountpoints: [{ name: 'TEST1', ...mountpoint }], timing: { epochHoldMs: 100 } };
}

async function joinRovers(port: number, count: number): Promise<WirePeer[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const rover = await connectPeer(port);
      rover.send(getRequest(1, 'TEST1'));
      await rover.readHead();
      return rover;
    }),
  );
}

async function pushBase(port: number, request = sourceRequest('password1', 'TEST1')): Promise<WirePeer> {
  const base = await connectPeer(port);
  base.send(request);
  await base.readHead();
  return base;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function countByNumber(frames: readonly Buffer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const frame of frames) {
    const number = messageNumberOf(frame);
    const name = number < 0 ? 'empty' : String(number);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Sends through a base that then hangs up, and a marker through the next one: what one rover got in between. */
async function carry(
  port: number,
  send: (base: WirePeer) => Promise<void>,
  request?: string,
): Promise<Buffer> {
  const [rover] = (await joinRovers(port, 1)) as [WirePeer];
  const base = await pushBase(port, request);
  await send(base);
  base.finish();
  await base.closed;
  const next = await pushBase(port);
  next.send(MARKER);
  next.finish();
  const received: Buffer[] = [];
  for (let tail = Buffer.alloc(0); !tail.equals(MARKER);) {
    received.push(await rover.read(Math.max(1, rover.waitingBytes)));
    tail = Buffer.concat(received.slice(-MARKER.length)).subarray(-MARKER.length);
  }
  return Buffer.concat(received).subarray(0, -MARKER.length);
}

describe.skipIf(!RECORDINGS_PRESENT)(`recordings${SKIP_NOTE}`, () => {
  const names = recordingNames('');
  const caster = useCaster({ config: configOf(1) });
  const random = seededRandom(SEED);

  test.each(names)('%s in one write, however large, gives the frames that others count', async (name) => {
    const bytes = recordingBytes(name);
    const frames = cutFrames(bytes);
    const { framing, message_counts: counts } = recordingFacts(name);
    expect({ frames: frames.length, counts: countByNumber(frames) }).toEqual({
      frames: framing.frames,
      counts,
    });
    const received = await carry(caster().ready.ntrip, async (base) => {
      await new Promise((resolve) => base.socket.write(bytes, resolve));
    });
    expect(received.equals(Buffer.concat(frames))).toBe(true);
  });

  test.each(names.filter((name) => recordingBytes(name).length < 300_000))(
    '%s in segments of 1460 bytes loses nothing',
    async (name) => {
      const bytes = recordingBytes(name);
      const received = await carry(caster().ready.ntrip, (base) => base.sendInPieces(bytes, () => 1460));
      expect(received.equals(Buffer.concat(cutFrames(bytes)))).toBe(true);
    },
  );

  test.each(names)('%s byte by byte loses nothing', async (name) => {
    const bytes = recordingBytes(name).subarray(0, 4000);
    const received = await carry(caster().ready.ntrip, (base) => base.sendInPieces(bytes, () => 1));
    expect(received.equals(Buffer.concat(cutFrames(bytes)))).toBe(true);
  });

  test.each(names.filter((name) => recordingBytes(name).length < 300_000))(
    `%s in random pieces loses nothing (seed ${SEED})`,
    async (name) => {
      const bytes = recordingBytes(name);
      const received = await carry(caster().ready.ntrip, (base) =>
        base.sendInPieces(bytes, () => 1 + random.below(3000)),
      );
      expect(received.equals(Buffer.concat(cutFrames(bytes)))).toBe(true);
    },
  );
});

describe.skipIf(!RECORDINGS_PRESENT)(`damaged, mixed and chunked streams${SKIP_NOTE}`, () => {
  const caster = useCaster({ config: configOf(1) });
  const chunkedNames = ['odd/ntrip_chunked.bin', 'odd/ntrip_encode_chunked.bin'];

  test.each(recordingNames('odd'))('%s gives exactly the frames that its JSON says', async (name) => {
    const facts = oddFacts(name);
    const bytes = recordingBytes(name);
    const received = await carry(caster().ready.ntrip, async (base) => {
      await base.sendInPieces(bytes, () => 1460);
    });
    expect(cutFrames(received)).toHaveLength(facts.valid_frames);
    expect(sha256(received)).toBe(facts.sha256_of_concatenated_valid_frames);
  });

  test.each(chunkedNames)(
    '%s as the body it was recorded as gives the frames inside its chunks',
    async (name) => {
      const facts = oddFacts(name) as ReturnType<typeof oddFacts> & {
        dechunked_valid_frames: number;
        dechunked_message_counts: Record<string, number>;
        dechunked_sha256: string;
      };
      const bytes = recordingBytes(name);
      const inside = bytesInChunks(bytes);
      expect(sha256(inside)).toBe(facts.dechunked_sha256);
      const request = uploadRequest('TEST1', { login: LOGIN, chunked: true });
      const received = await carry(
        caster().ready.ntrip,
        (base) => base.sendInPieces(bytes, () => 997),
        request,
      );
      expect(received.equals(Buffer.concat(cutFrames(inside)))).toBe(true);
      expect(countByNumber(cutFrames(received))).toEqual(facts.dechunked_message_counts);
    },
  );

  test('frames behind a false header come through although the base says nothing more', async () => {
    const { ntrip } = caster().ready;
    const [rover] = (await joinRovers(ntrip, 1)) as [WirePeer];
    const base = await pushBase(ntrip);
    base.send(Buffer.concat([Buffer.from('d303ff', 'hex'), MARKER]));
    expect(await rover.read(MARKER.length)).toEqual(MARKER);
  });
});

describe.skipIf(!RECORDINGS_PRESENT)(`three stream workers${SKIP_NOTE}`, () => {
  const caster = useCaster({ config: configOf(3) });

  test.each([
    'str17_septentrio_msm7_1hz.rtcm3',
    'sept_msm7_1hz.rtcm3',
    'navcom_legacy_1hz.rtcm3',
    'f9p_mixed_nmea_ubx_158s.bin',
  ])('%s reaches rovers of every worker whole', async (name) => {
    const bytes = recordingBytes(name);
    const expected = Buffer.concat(cutFrames(bytes));
    const rovers = await joinRovers(caster().ready.ntrip, 9);
    const base = await pushBase(caster().ready.ntrip);
    await base.sendInPieces(bytes, () => 8192);
    base.finish();
    const received = await Promise.all(rovers.map((rover) => rover.read(expected.length)));
    expect(received.map((got) => got.equals(expected))).toEqual(rovers.map(() => true));
  });
});
