// Tests how the descriptors of the process are shared out between streams, HTTP and the rest.

import { describe, expect, test } from 'vitest';
import { DESCRIPTORS_RESERVED, HTTP_CONNECTIONS_MAX } from '../../../config/limits.ts';
import { configSchema } from '../../../config/schema.ts';
import { connectionsPerWorker, httpConnectionsMax } from '../../../workers/descriptor-limit.ts';

const gates = configSchema.parse({ gates: { connectionsMax: 1_000_000 } }).gates;

describe('of the descriptors that the system allows', () => {
  test.each([
    // Allowed, workers, rovers and bases of each worker, connections of HTTP.
    [1_000_000, 1, 995_648, 4096],
    [20_000, 1, 15_648, 4096],
    [20_000, 4, 3912, 4096],
    [4096, 1, 2048, 1792],
    [1024, 1, 512, 256],
    [160, 1, 80, 40],
  ])(
    '%i with %i workers are %i connections of each worker and %i of HTTP',
    (allowed, workers, streams, http) => {
      expect(connectionsPerWorker(gates, workers, allowed)).toBe(streams);
      expect(httpConnectionsMax(allowed)).toBe(http);
    },
  );

  test.each([64, 160, 500, 1024, 5000, 20_000, 65_536])('%i are never promised twice', (allowed) => {
    const promised = connectionsPerWorker(gates, 1, allowed) + httpConnectionsMax(allowed);
    expect(promised).toBeLessThan(allowed);
    expect(allowed - promised).toBeGreaterThanOrEqual(Math.min(DESCRIPTORS_RESERVED, allowed / 4));
  });

  test('nothing is taken away where the system does not say', () => {
    expect(connectionsPerWorker(gates, 4, undefined)).toBe(1_000_000);
    expect(httpConnectionsMax(undefined)).toBe(HTTP_CONNECTIONS_MAX);
  });
});
