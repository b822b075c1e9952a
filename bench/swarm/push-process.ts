// A process with our broker in it and nothing else: opens it with a fleet of vehicles, and pushes when told.

import { openBrokerHouse } from '../../test/support/broker-house.ts';
import { makeFleet } from './vehicle-fleet.ts';

export type ToPush =
  | { readonly type: 'open'; readonly vehicles: number }
  | { readonly type: 'push'; readonly each: number; readonly atOnce: number; readonly bytes: number };

export type FromPush =
  | {
      readonly type: 'opened';
      readonly port: number;
      readonly root: string;
      readonly authorities: string;
      readonly key: string;
      readonly vehicles: readonly { readonly vehicleId: string; readonly chain: string }[];
    }
  | { readonly type: 'pushed'; readonly kept: number };

const house = await openBrokerHouse();
const ids: string[] = [];
const tell = (message: FromPush): void => void process.send!(message);
process.on('disconnect', () => process.exit());
process.on('message', (message: ToPush) => {
  void (message.type === 'open' ? open(message.vehicles) : push(message));
});

async function open(count: number): Promise<void> {
  const { id, issuer, issuingPem, rootPem } = await house.office.authorities.of('rsa');
  const fleet = makeFleet(count, id, issuer, issuingPem);
  await house.keep(fleet.rows);
  ids.push(...fleet.vehicles.map(({ vehicleId }) => vehicleId));
  const { key, vehicles } = fleet;
  tell({
    type: 'opened',
    port: house.mqtts,
    root: rootPem,
    authorities: issuingPem + rootPem,
    key,
    vehicles,
  });
}

/** Each message begins with when it was pushed, on the clock that all processes share. */
async function push({ each, atOnce, bytes }: Extract<ToPush, { type: 'push' }>): Promise<void> {
  let next = 0;
  let kept = 0;
  const worker = async (): Promise<void> => {
    while (next < each * ids.length) {
      const vehicleId = ids[next++ % ids.length]!;
      const body = `${process.hrtime.bigint()} `.padEnd(bytes, 'x');
      if (await house.line.push({ vehicleId, kind: 'grant', body })) kept += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  tell({ type: 'pushed', kept });
}
