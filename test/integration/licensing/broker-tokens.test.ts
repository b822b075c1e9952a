// Wrong SM2 tokens through the door: after too many of one address none from there is looked at, and who comes from
// elsewhere does not notice.

import { expect, test, vi } from 'vitest';
import { BROKER_TOKEN_FAILURES_PER_ADDRESS_MAX } from '../../../config/limits.ts';
import { openBrokerHouse } from '../../support/broker-house.ts';
import { connackTo, openTls, passwordFor } from '../../support/token-vehicle.ts';

const WAIT = { timeout: 10_000, interval: 20 };
const [BAD_CREDENTIALS, COME_LATER] = [4, 3];

test('who tries many tokens is told to come later, with an audit line, and the vehicle comes in from elsewhere', async () => {
  const house = await openBrokerHouse();
  const vehicle = await house.enrol('LSVAA4182E2SM2001', 'sm2');
  const { vehicleId } = vehicle;
  const comeIn = async (localAddress: string, isRight: boolean): Promise<number | undefined> => {
    const socket = await openTls(house, house.mqttsToken, { localAddress });
    const password = passwordFor(socket, vehicle, isRight ? vehicleId : 'LSVAA4182E2STRANGE');
    const code = await connackTo(socket, vehicleId, vehicleId, password);
    socket.destroy();
    return code;
  };
  const codes: (number | undefined)[] = [];
  for (let n = 0; n < BROKER_TOKEN_FAILURES_PER_ADDRESS_MAX; n += 1)
    codes.push(await comeIn('127.0.0.2', false));
  expect(new Set(codes)).toEqual(new Set([BAD_CREDENTIALS]));
  expect(await comeIn('127.0.0.2', false)).toBe(COME_LATER);
  expect(await comeIn('127.0.0.3', true)).toBe(0);
  await vi.waitFor(async () => {
    const entries = house.store.db.selectFrom('audit_entries').select(['after', 'address']);
    const refused = await entries.where('after', 'like', '%tokens_too_often%').execute();
    expect(refused).toEqual([{ after: '{"refused":"tokens_too_often"}', address: '127.0.0.2' }]);
  }, WAIT);
  await house.stop();
});
