// Tests how a rover's session follows its base and how it ends, on real sockets; time is the test's.

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { SHAPES_PER_MOUNTPOINT_MAX } from '../../../config/limits.ts';
import { type ConfigInput } from '../../../config/schema.ts';
import { epochOf, observationFrame, stationFrame } from '../stream/frames.ts';
import { loadNativeSocket } from '../../../caster/net/native-socket.ts';
import { RecordingSubscriber } from '../stream/recording-subscriber.ts';
import { type FakeHouse } from './fake-house.ts';
import { nativeWith, type Rover, startRover } from './start-rover.ts';

const loaded = loadNativeSocket();

const GGA = '$GPGGA,120000.00,4703.0000,N,00818.6000,E,1,10,1.0,500.0,M,48.0,M,,*';
const withChecksum = (line: string): string => {
  const sum = Buffer.from(line.slice(1, -1)).reduce((xor, byte) => xor ^ byte, 0);
  return `${line}${sum.toString(16).toUpperCase().padStart(2, '0')}`;
};
const POSITIONS = {
  near: { latitudeDeg: 47.05, longitudeDeg: 8.31 },
  far: { latitudeDeg: 47.5, longitudeDeg: 8.31 },
};

describe('a rover of one mountpoint', () => {
  test('gets the head, what late joiners need and then each epoch', async () => {
    const station = stationFrame(1006, 1);
    const rover = await startRover({
      before: ({ house }) => {
        house.streams.openBase('A', 1);
        house.streams.publishFromBase('A', 1, epochOf([station, observationFrame()]));
      },
    });
    const next = observationFrame();
    rover.publish('A', epochOf([next]));
    expect(await rover.frames(2)).toEqual([station, next]);
  });

  test('moves from the table of connections to that of rovers, and out of it at its end', async () => {
    const rover = await startRover();
    expect([rover.house.connections.size, rover.house.rovers.size]).toEqual([0, 1]);
    rover.near.destroy();
    await once(rover.near, 'close');
    expect([rover.house.rovers.size, rover.house.sessions.size]).toEqual([0, 0]);
  });

  test('is closed where there were no corrections for roverSilentMs', async () => {
    const rover = await startRover({ overrides: { timing: { roverSilentMs: 60_000 } } });
    rover.wait(59_999);
    expect(rover.near.writableEnded).toBe(false);
    rover.wait(1);
    rover.far.end();
    rover.far.resume();
    await once(rover.near, 'close');
    expect(rover.ends).toMatchObject([{ reason: 'rover_silent' }]);
  });

  test('is not silent between the epochs of a shape that has few', async () => {
    const rover = await startRover({ overrides: { timing: { roverSilentMs: 10_000 } } });
    rover.session.useLimits({ shape: { intervalS: 30 } });
    rover.wait(39_999);
    expect(rover.near.writableEnded).toBe(false);
    rover.wait(1);
    expect(rover.near.writableEnded).toBe(true);
  });

  test.each([
    ['shape_empty', 'its base sends', ['A'], { constellations: ['GLO' as const] }],
    ['rover_silent', 'its base is gone', ['B'], { constellations: ['GLO' as const] }],
    ['rover_silent', 'it has no shape', ['A'], {}],
  ])('is closed as %s where nothing comes and %s', async (reason, _case, sending, shape) => {
    const rover = await startRover({
      overrides: { timing: { roverSilentMs: 60_000 } },
      limits: { shape },
    });
    rover.house.directory = { ...rover.house.directory, sending: new Set(sending) };
    rover.wait(60_000);
    rover.far.end();
    rover.far.resume();
    await once(rover.near, 'close');
    expect(rover.ends).toMatchObject([{ reason }]);
  });

  test.skipIf(!loaded.ok)(
    'that breaks its connection is told of as such, also where a send hears of it first',
    async () => {
      const rover = await startRover(loaded.ok ? { native: loaded.native } : {});
      rover.publish('A', epochOf([observationFrame()]));
      await rover.frames(1);
      // The kernel tells of a reset once: here the send below is told, and reading then finds an end.
      rover.far.resetAndDestroy();
      rover.publish('A', epochOf([observationFrame()]));
      await once(rover.near, 'close');
      expect(rover.ends).toMatchObject([{ reason: 'peer_reset' }]);
    },
  );

  test('is ended by its name where the mountpoint has no room for its shape', async () => {
    const others = Array.from({ length: SHAPES_PER_MOUNTPOINT_MAX }, () => new RecordingSubscriber());
    const rover = await startRover({
      limits: { shape: { constellations: ['GPS'] } },
      before: ({ house }) => {
        for (const [n, other] of others.entries()) house.streams.subscribe('A', other, { intervalS: n + 1 });
      },
    });
    rover.far.end();
    rover.far.resume();
    await once(rover.near, 'close');
    expect(rover.ends).toMatchObject([{ reason: 'too_many_shapes' }]);
  });

  test('goes over to another shape with the station messages that are new to it, and no others', async () => {
    const [place, antenna] = [stationFrame(1005, 1), stationFrame(1033, 1)];
    const rover = await startRover({
      limits: { shape: { messagesDropped: [1033] } },
      before: ({ house }) => {
        house.streams.openBase('A', 1);
        house.streams.publishFromBase('A', 1, epochOf([place, antenna]));
      },
    });
    expect(await rover.frames(1)).toEqual([place]);
    rover.session.useLimits({});
    expect(await rover.frames(2)).toEqual([place, antenna]);
  });

  test('is kept for ever without corrections where roverSilentMs is 0', async () => {
    const rover = await startRover({ overrides: { timing: { roverSilentMs: 0 } } });
    rover.wait(86_400_000);
    expect(rover.near.writableEnded).toBe(false);
  });

  test('is reported at its end with what it got', async () => {
    const rover = await startRover();
    const frames = [observationFrame(), observationFrame()];
    rover.publish('A', epochOf(frames));
    await rover.frames(2);
    rover.far.end();
    await once(rover.near, 'close');
    expect(rover.ends).toMatchObject([
      {
        sessionId: 'ses_a',
        reason: 'peer_closed',
        bytes: Buffer.concat(frames).length,
        epochs: 1,
        frames: 2,
      },
    ]);
  });

  test('ends with the first reason that was named', async () => {
    const rover = await startRover();
    rover.session.close('operator_closed');
    rover.session.close('shutdown');
    rover.far.end();
    rover.far.resume();
    await once(rover.near, 'close');
    expect(rover.ends).toMatchObject([{ reason: 'operator_closed' }]);
  });

  test('is sent nothing by its descriptor from the moment on in which its socket closes', async () => {
    const sent: number[] = [];
    const send = (descriptor: number, _bytes: Buffer, length: number): number => {
      sent.push(descriptor);
      return length;
    };
    const rover = await startRover({ native: { ...nativeWith(() => 0), send } });
    rover.publish('A', epochOf([observationFrame()]));
    rover.near.destroy();
    rover.publish('A', epochOf([observationFrame()]));
    expect(sent).toHaveLength(1);
  });

  test('that does not hang up when it is closed is cut off after drainMs', async () => {
    const rover = await startRover({ overrides: { timing: { drainMs: 3000 } } });
    rover.session.close('operator_closed');
    rover.wait(2999);
    expect(rover.near.destroyed).toBe(false);
    rover.wait(1);
    expect(rover.near.destroyed).toBe(true);
  });
});

describe('the kernel’s share', () => {
  const bounds: number[] = [];
  const native = {
    ...nativeWith(() => 0),
    boundUnsentBytes: (_descriptor: number, bytes: number): boolean => bounds.push(bytes) > 0,
  };

  test('is bounded from the start, also where a small stream needs the least', async () => {
    bounds.length = 0;
    await startRover({ native });
    expect(bounds).toHaveLength(1);
  });

  test('grows with the stream', async () => {
    bounds.length = 0;
    const rover = await startRover({ native });
    for (let n = 0; n < 50; n++) {
      rover.publish(
        'A',
        epochOf(
          Array.from({ length: 20 }, () => observationFrame(1000)),
          1 + n * 1000,
        ),
      );
    }
    rover.wait(1000);
    expect(bounds.at(-1)).toBeGreaterThan(2 * 20 * 1000);
  });
});

describe('a rover of a mountpoint that gives the nearest base', () => {
  function withBases(...names: [string, { latitudeDeg: number; longitudeDeg: number }][]) {
    return ({ house }: FakeHouse): void => {
      house.directory = {
        ...house.directory,
        positions: names.map(([mountpoint, position]) => ({ mountpoint, ...position })),
      };
    };
  }
  const near = { mountpoint: 'NEAR', request: { ntripGga: withChecksum(GGA) } };

  test('follows the base nearest to the position in its request', async () => {
    const rover = await startRover({
      ...near,
      before: withBases(['A', POSITIONS.far], ['B', POSITIONS.near]),
    });
    const frame = observationFrame();
    rover.publish('A', epochOf([observationFrame()]));
    rover.publish('B', epochOf([frame]));
    expect(await rover.frames(1)).toEqual([frame]);
  });

  test('follows nobody before it has said where it is, and then at once', async () => {
    const rover = await startRover({ mountpoint: 'NEAR', before: withBases(['A', POSITIONS.near]) });
    rover.publish('A', epochOf([observationFrame()]));
    rover.far.write(`${withChecksum(GGA)}\r\n`);
    await once(rover.near, 'data');
    const frame = observationFrame();
    rover.publish('A', epochOf([frame]));
    expect(await rover.frames(1)).toEqual([frame]);
  });

  test('goes over to another base when its own goes away, and is told about that one first', async () => {
    const rover = await startRover({
      ...near,
      before: withBases(['A', POSITIONS.near], ['B', POSITIONS.far]),
    });
    const [first, station, second] = [observationFrame(), stationFrame(1006, 2), observationFrame()];
    rover.publish('B', epochOf([station]));
    rover.publish('A', epochOf([first]));
    withBases(['B', POSITIONS.far])(rover);
    rover.wait(1000);
    rover.publish('A', epochOf([observationFrame()]));
    rover.publish('B', epochOf([second]));
    expect(await rover.frames(3)).toEqual([first, station, second]);
  });

  describe('that has been there for longer than roverSilentMs', () => {
    const overrides: ConfigInput = { timing: { roverSilentMs: 60_000 } };

    async function oldRover(...bases: Parameters<typeof withBases>): Promise<Rover> {
      const rover = await startRover({ ...near, overrides, before: withBases(...bases) });
      for (let n = 0; n < 10; n++) {
        rover.wait(10_000);
        rover.publish('A', epochOf([observationFrame()], rover.house.clock.nowMs));
      }
      return rover;
    }

    test('is not taken for silent the moment it goes over to a base that this worker has not heard yet', async () => {
      const rover = await oldRover(['A', POSITIONS.near], ['B', POSITIONS.far]);
      withBases(['B', POSITIONS.far])(rover);
      rover.wait(1000);
      expect(rover.near.writableEnded).toBe(false);
    });

    test('is not taken for silent the moment its last base goes away', async () => {
      const rover = await oldRover(['A', POSITIONS.near]);
      withBases()(rover);
      rover.wait(1000);
      expect(rover.near.writableEnded).toBe(false);
    });

    test('is taken for silent when nothing has come for roverSilentMs', async () => {
      const rover = await oldRover(['A', POSITIONS.near]);
      withBases()(rover);
      for (let n = 0; n < 7; n++) rover.wait(10_000);
      expect(rover.near.writableEnded).toBe(true);
    });
  });

  test('stays in the table that is swept every second', async () => {
    const rover = await startRover({ ...near, before: withBases(['A', POSITIONS.near]) });
    expect(rover.house.rovers.size).toBe(0);
  });
});
