// A car with the reference software, enrolled and connected, for as long as a test needs it, and what is sold for it.

import path from 'node:path';
import { onTestFinished } from 'vitest';
import {
  runVehicleCommand,
  startVehicle,
  type VehicleProcess,
} from '../integration/licensing/vehicle-process.ts';
import type { CasterProcess } from '../support/caster-process.ts';
import { postAsOwner } from '../support/owner-answers.ts';

export interface ShopCar {
  readonly vin: string;
  readonly process: VehicleProcess;
  /** The code that its screen would show. */
  readonly code: () => Promise<string>;
}

let cars = 0;

/** `installed`: part and version, such as SEATS@1.4.0. */
export async function startCar(caster: CasterProcess, folder: string, installed: string): Promise<ShopCar> {
  cars += 1;
  const vin = `LSVSHOP${String(Date.now() % 1_000_000).padStart(6, '0')}${String(cars).padStart(4, '0')}`;
  const where = path.join(folder, vin);
  const { token } = await postAsOwner<{ token: string }>(caster, '/v1/enrolment-tokens', { vehicleId: vin });
  const server = `http://127.0.0.1:${caster.ready.http}`;
  const words = ['enrol', '--server', server, '--id', vin, '--token', token, '--folder', where];
  const enrolled = await runVehicleCommand([...words, '--algorithm', 'rsa']);
  if (enrolled.code !== 0) throw new Error(enrolled.err);
  const process = startVehicle(where, '--install', installed);
  onTestFinished(async () => {
    await process.stop();
  });
  await process.waitFor(({ event }) => event === 'connected');
  const code = async (): Promise<string> => String((await process.command('claim'))['code']);
  return { vin, process, code };
}

/** Published, for this car alone; its id. */
export async function sellFor(caster: CasterProcess, vin: string, names: object): Promise<string> {
  const { id } = await postAsOwner<{ id: string }>(caster, '/v1/products', {
    names,
    descriptions: names,
    ...{ partNumber: 'SEATS', version: '1.4.0', validSeconds: 2_592_000, uses: 3, vinPrefixes: [vin] },
    functions: [
      { id: 'heating', names },
      { id: 'massage', names: { zh: '按摩' }, isFree: true },
    ],
    ...{ priceMicros: 99_000_000, currency: 'EUR' },
  });
  await postAsOwner(caster, `/v1/products/${id}/publish`, {});
  return id;
}
