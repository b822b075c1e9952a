// The vehicle of the demo: it enrols, connects, and a moment later somebody buys positioning for it. The function is
// activated in the car, and the corrections that come with the right begin to flow.

import { errorText } from '../failure.ts';
import { LicensingApi } from '../simulate/licensing-api.ts';
import { sampleSoftware } from '../../licensing/vehicle/software/sample-software.ts';
import { Vehicle } from '../../licensing/vehicle/vehicle.ts';
import { openVehicleFolder } from '../../licensing/vehicle/vehicle-folder.ts';
import { pause } from '../stop-signal.ts';
import { DEMO_BASES } from './network.ts';

export const DEMO_VEHICLE = 'LSVDEM0420TEST001';

/** How long the cloud may take to answer a code. */
const CLAIM_MS = 10_000;

const PART = 'POSITIONING';
/** Sold for money that does not move, to whoever claims the vehicle in the shop. */
const SEATS = 'SEATS';
const VERSION = '1.0.0';
/** So that a newcomer sees the rovers first. */
const ORDER_AFTER_MS = 4000;
const CONNECT_MS_MAX = 20_000;

export interface DemoVehicleOptions {
  readonly server: string;
  readonly ownerKey: string;
  readonly folder: string;
  /** A line for people. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Runs until the signal. What goes wrong is said and ends nothing else. */
export async function runDemoVehicle(options: DemoVehicleOptions): Promise<void> {
  try {
    await run(options);
  } catch (error) {
    options.say(`vehicle     ${errorText(error)}`);
  }
}

async function run({ server, ownerKey, folder, say, signal }: DemoVehicleOptions): Promise<void> {
  const api = new LicensingApi(server, ownerKey);
  const found = openVehicleFolder(folder, { env: {} });
  if (!found.ok) throw new Error(found.detail);
  const { opened } = found;
  const token = await api.enrolmentToken(DEMO_VEHICLE);
  const certified = await opened.certificates.enrol({
    ...{ server, vehicleId: DEMO_VEHICLE, algorithm: 'sm2', token },
  });
  if (!certified.ok) throw new Error(`${certified.reason}: ${certified.detail}`);
  say(`vehicle     ${DEMO_VEHICLE} has the certificate ${certified.certificateId} (SM2)`);

  let orderedMs = 0;
  const sinceOrder = (): string => `${Math.round(performance.now() - orderedMs)} ms after the order`;
  const tell = (event: string): void => {
    if (event === 'activated') say(`vehicle     positioning is activated, ${sinceOrder()}`);
    if (event === 'first_correction') say(`vehicle     first corrections received, ${sinceOrder()}`);
  };
  const vehicle = Vehicle.open(opened, {
    ...{ tell, installed: { [PART]: VERSION, [SEATS]: VERSION } },
    softwareOf: (parts) => sampleSoftware(parts, tell),
  });
  if (vehicle === undefined) throw new Error('the folder of the vehicle does not open');
  vehicle.start();
  try {
    await pause(ORDER_AFTER_MS, signal);
    const endMs = performance.now() + CONNECT_MS_MAX;
    while (!vehicle.isConnected && performance.now() < endMs && !signal.aborted) await pause(50, signal);
    if (signal.aborted) return;
    const productId = await makeProduct(api);
    orderedMs = performance.now();
    const order = await api.order(productId, DEMO_VEHICLE);
    say(`order       ${order.id} for ${DEMO_VEHICLE} is ${order.state}`);
    await sellSeats(api);
    const { code } = await vehicle.claim(CLAIM_MS);
    say(`vehicle     shows the code ${code}: claim it in the shop within ten minutes, and buy heated seats`);
    await pause(2 ** 31 - 1, signal);
  } finally {
    await vehicle.stop();
    opened.close();
  }
}

/** Positioning for a day, with corrections of the nearest demo base. */
async function makeProduct(api: LicensingApi): Promise<string> {
  const spec = await api.post<{ id: string }>('/v1/service-specs', {
    ...{ name: 'Positioning in vehicles', mountpoints: [DEMO_BASES[0]!.mountpoint], msmLevelMax: 4 },
  });
  const app = await api.post<{ id: string }>('/v1/apps', { name: 'Vehicles', serviceSpecId: spec.id });
  return await api.freeProduct(PART, VERSION, app.id);
}

async function sellSeats(api: LicensingApi): Promise<void> {
  const { id } = await api.post<{ id: string }>('/v1/products', {
    names: { en: 'Heated seats, 30 days', zh: '座椅加热（30 天）' },
    descriptions: { en: 'Warm within a minute, on all seats.', zh: '全车座椅一分钟速热。' },
    ...{ partNumber: SEATS, version: VERSION, validSeconds: 2_592_000, uses: 50 },
    functions: [
      { id: 'heating', names: { en: 'Seat heating', zh: '座椅加热' } },
      { id: 'basic', names: { en: 'Seat memory', zh: '座椅记忆' }, isFree: true },
    ],
    ...{ priceMicros: 9_900_000, currency: 'EUR' },
  });
  await api.post(`/v1/products/${id}/publish`);
}
