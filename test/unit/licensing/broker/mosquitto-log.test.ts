// What mosquitto's log says of who comes and goes; lines as version 2.0.11 of Debian writes them.

import { expect, test } from 'vitest';
import { readLogLine } from '../../../../licensing/broker/external/mosquitto-log.ts';

test.each([
  [
    "1796054400: New client connected from 127.0.0.1:40512 as LSV0000000000001 (p2, c0, k60, u'LSV0000000000001').",
    { vehicleId: 'LSV0000000000001', isConnected: true },
  ],
  [
    '1796054400: Client LSV0000000000001 disconnected.',
    { vehicleId: 'LSV0000000000001', isConnected: false },
  ],
  [
    '1796054400: Client LSV0000000000001 closed its connection.',
    { vehicleId: 'LSV0000000000001', isConnected: false },
  ],
  [
    '1796054400: Client LSV0000000000001 has exceeded timeout, disconnecting.',
    { vehicleId: 'LSV0000000000001', isConnected: false },
  ],
  ['1796054400: New connection from 127.0.0.1:40512 on port 8883.', undefined],
  ['1796054400: Client cloud.rovercast.nod_1 disconnected.', undefined],
])('of “%s” it reads %j', (line, seen) => {
  expect(readLogLine(line)).toEqual(seen);
});
