// Vehicles at a broker that shows a certificate of the operator's: their root did not sign it, and they come in all the same.

import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEY_ALGORITHMS } from '../../../licensing/pki/keys.ts';
import { type CasterProcess, OWNER_KEY, startCasterProcess } from '../../support/caster-process.ts';
import { makeCertificate } from '../../support/certificates.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { runVehicleCommand, startVehicle } from './vehicle-process.ts';

const folder = useTempFolder();
let caster: CasterProcess;
beforeAll(async () => {
  const { certFile, keyFile } = makeCertificate(folder, 'operator');
  caster = await startCasterProcess({
    env: { ROVERCAST_MQTTS_PORT: '0', ROVERCAST_MQTTS_TOKEN_PORT: '0' },
    config: {
      listen: { publicHost: '127.0.0.1' },
      tls: { certFile, keyFile },
      licensing: { brokerCertificate: 'tls' },
    },
  });
});
afterAll(async () => await caster.stop());

test.each(KEY_ALGORITHMS)('a vehicle with a key of %s connects to it', async (algorithm) => {
  const vin = `LSVOPERATOR${algorithm.toUpperCase()}001`;
  const server = `http://127.0.0.1:${caster.ready.http}`;
  const answer = await fetch(`${server}/v1/enrolment-tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${OWNER_KEY}` },
    body: JSON.stringify({ vehicleId: vin }),
  });
  const { token } = (await answer.json()) as { readonly token: string };
  const at = path.join(folder, vin);
  const words = ['--server', server, '--id', vin, '--token', token, '--algorithm', algorithm];
  expect(await runVehicleCommand(['enrol', ...words, '--folder', at])).toMatchObject({ code: 0 });
  const car = startVehicle(at);
  await car.waitFor(({ event }) => event === 'connected' || event === 'connect_failed');
  await car.stop();
  expect(car.events.map(({ event }) => event)).toContain('connected');
});
