// Tests when a rover counts as stalled: by what its kernel has not had acknowledged, whichever way its epochs go.

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { type ConfigInput } from '../../../config/schema.ts';
import { epochOf, observationFrame } from '../stream/frames.ts';
import { certificate, nativeWith, startRover } from './start-rover.ts';

describe('a rover that acknowledges nothing', () => {
  const overrides: ConfigInput = { timing: { stallMs: 30_000, roverSilentMs: 0 } };

  test('is reset after stallMs', async () => {
    const rover = await startRover({ overrides, native: nativeWith(() => 500) });
    const closed = once(rover.near, 'close');
    for (let n = 0; n < 4; n++) rover.wait(10_000);
    await closed;
    expect(rover.ends).toMatchObject([{ reason: 'stalled', unacknowledgedBytes: 500 }]);
  });

  test('is not stalled where there is nothing to acknowledge', async () => {
    const rover = await startRover({ overrides, native: nativeWith(() => 0) });
    for (let n = 0; n < 10; n++) rover.wait(10_000);
    expect(rover.near.destroyed).toBe(false);
  });

  test('is not stalled while what is not acknowledged becomes less', async () => {
    let unacknowledged = 5000;
    const rover = await startRover({ overrides, native: nativeWith(() => (unacknowledged -= 100)) });
    for (let n = 0; n < 10; n++) rover.wait(10_000);
    expect(rover.near.destroyed).toBe(false);
  });

  test('is not stalled while as much is acknowledged as is sent', async () => {
    const rover = await startRover({ overrides, native: nativeWith(() => 5000) });
    for (let n = 0; n < 10; n++) {
      rover.publish('A', epochOf([observationFrame()]));
      rover.wait(10_000);
    }
    expect(rover.near.destroyed).toBe(false);
  });

  test('is not stalled where it kept up at first and then acknowledges late, but goes on', async () => {
    let unacknowledged = 0;
    const rover = await startRover({ overrides, native: nativeWith(() => unacknowledged) });
    for (let n = 0; n < 200; n++) {
      if (n === 20) unacknowledged = 500;
      rover.publish('A', epochOf([observationFrame()], 1_000_000 + n * 1000));
      rover.wait(1000);
      expect([n, rover.near.destroyed]).toEqual([n, false]);
    }
  });

  test('is stalled where it kept up at first and then acknowledges nothing', async () => {
    let unacknowledged = 0;
    const rover = await startRover({ overrides, native: nativeWith(() => unacknowledged) });
    const closed = once(rover.near, 'close');
    for (let n = 0; n < 80; n++) {
      const epoch = epochOf([observationFrame()], 1_000_000 + n * 1000);
      if (n >= 20) unacknowledged += epoch.bytes.length;
      rover.publish('A', epoch);
      rover.wait(1000);
      if (n < 40) expect([n, rover.near.destroyed]).toEqual([n, false]);
    }
    await closed;
    expect(rover.ends).toMatchObject([{ reason: 'stalled' }]);
  });

  test('is closed on TLS too, where a connection cannot be reset, and harms nobody else', async (context) => {
    if (certificate === undefined) context.skip('openssl is not installed');
    const rover = await startRover({ overrides, tls: true });
    const frames = Array.from({ length: 60 }, () => observationFrame(1015));
    for (let n = 0; n < 400; n++) {
      rover.publish('A', epochOf(frames, n * 1000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const closed = once(rover.near, 'close');
    for (let n = 0; n < 4; n++) rover.wait(10_000);
    await closed;
    expect(rover.ends).toMatchObject([{ reason: 'stalled' }]);
  });
});
