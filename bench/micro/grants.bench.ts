// What licence grants and certificates cost in the crypto pool, and whether the main thread feels it. Run with
// `node bench/micro/grants.bench.ts`; the last lines are the figures.

import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeDocumentKey } from '../../licensing/grants/format/signature.ts';
import { GRANTS_WORK, type GrantAsk } from '../../licensing/grants/grants-crypto.ts';
import { makeVehicleCertificate, newSerial } from '../../licensing/pki/certificate.ts';
import { KEY_ALGORITHMS, type KeyAlgorithm, makeKeyPair, signBytes } from '../../licensing/pki/keys.ts';
import { PKI_WORK } from '../../licensing/pki/pki-crypto.ts';
import { startCryptoPool, type CryptoPool } from '../../workers/crypto-pool.ts';

const SPAN_MS = 3000;
const AT_ONCE = 16;
const NOW_MS = 1_795_290_000_000;
const VIN = 'LSVAA4182E2184847';

interface Figure {
  readonly name: string;
  readonly perSecond: number;
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  /** The most processor time that this thread took between two looks a millisecond apart: no piece of work was longer. */
  readonly busyMaxMs: number;
}

function grantAsk(algorithm: KeyAlgorithm, certificate: Uint8Array): GrantAsk {
  const cloud = algorithm === 'rsa' ? 'es256' : 'sm2';
  const nowS = NOW_MS / 1000;
  return {
    header: {
      ...{ grantId: 'gra_1', certID: 'cert_1', vin: VIN, partNumber: 'SW-100', seq: 1, state: 'active' },
      ...{ iat: nowS, nbf: nowS, ttl: 2_592_000 },
    },
    softRight: {
      ...{ partNumber: 'SW-100', version: '1.0', versionRule: 'at_least', functions: ['lane'], leaseId: 'l' },
      ...{ startsAt: nowS, endsAt: null, uses: null, entitlementId: 'ent_1', correction: null },
    },
    activation: {
      ...{ v: 1, instruction: 'activate', partNumber: 'SW-100', version: '1.0', functions: ['lane'] },
      ...{ durationS: null, count: null, vin: VIN, grantId: 'gra_1', seq: 1, notAfter: null },
    },
    ...{ certificate, algorithm },
    grantKey: { kid: 'k1', ...makeDocumentKey(cloud) },
    activationKey: { kid: 'k2', ...makeDocumentKey(cloud) },
  };
}

/** `work` AT_ONCE times at a time, for SPAN_MS, with the delay of this thread's loop meanwhile. */
async function measured(name: string, work: () => Promise<unknown>): Promise<Figure> {
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let [done, busyMaxMs] = [0, 0];
  let spent = process.threadCpuUsage();
  const look = setInterval(() => {
    const now = process.threadCpuUsage();
    busyMaxMs = Math.max(busyMaxMs, (now.user - spent.user + now.system - spent.system) / 1000);
    spent = now;
  }, 1);
  const start = performance.now();
  delay.enable();
  const lane = async (): Promise<void> => {
    while (performance.now() - start < SPAN_MS) {
      await work();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const seconds = (performance.now() - start) / 1000;
  delay.disable();
  clearInterval(look);
  const [loopP99Ms, loopMaxMs] = [delay.percentile(99) / 1e6, delay.max / 1e6];
  return { name, perSecond: done / seconds, loopP99Ms, loopMaxMs, busyMaxMs };
}

/** On this thread alone: what the arithmetic itself allows. */
function rate(work: () => unknown): number {
  for (let count = 0; count < 20; count += 1) work();
  const start = performance.now();
  let done = 0;
  for (; performance.now() - start < 1000; done += 1) work();
  return (1000 * done) / (performance.now() - start);
}

async function figuresOf(pool: CryptoPool, algorithm: KeyAlgorithm): Promise<Figure[]> {
  const { issuing } = PKI_WORK.makeAuthorities({ algorithm, nowMs: NOW_MS });
  const issuer = { key: { algorithm, pkcs8: issuing.pkcs8 }, certificate: issuing.certificate };
  const key = makeKeyPair(algorithm, 2048);
  const facts = () => ({
    ...{ vehicleId: VIN, serial: newSerial(), key, crlUrl: 'http://pki.example.com/crl' },
    ...{ notBeforeMs: NOW_MS, notAfterMs: NOW_MS + 86_400_000 },
  });
  const ask = grantAsk(algorithm, makeVehicleCertificate(facts(), issuer));
  const document = JSON.parse(GRANTS_WORK.signDocument({ key, document: { v: 1, vin: VIN } })) as {
    sig: string;
  };
  const rates = {
    'signature of the authority, one thread': rate(() => signBytes(issuer.key, Buffer.from(VIN))),
    'certificate, one thread': rate(() => makeVehicleCertificate(facts(), issuer)),
    'grant, one thread': rate(() => GRANTS_WORK.makeGrant(ask)),
  };
  for (const [name, perSecond] of Object.entries(rates)) {
    console.log(`${algorithm} ${name}: ${perSecond.toFixed(0)} a second`);
  }
  return [
    await measured(`${algorithm} grants, pool`, () => pool.makeGrant(ask)),
    await measured(`${algorithm} certificates, pool`, () => pool.issue({ facts: facts(), issuer })),
    await measured(`${algorithm} signatures of vehicles verified, pool`, () =>
      pool.verifySigned({ key, document }),
    ),
  ];
}

const pool = startCryptoPool();
const idle = await measured('nothing (the loop alone)', () => sleep(1));
const figures = [idle];
for (const algorithm of KEY_ALGORITHMS) figures.push(...(await figuresOf(pool, algorithm)));
await pool.stop();
for (const { name, perSecond, loopP99Ms, loopMaxMs, busyMaxMs } of figures) {
  const loop = `loop delay p99 ${loopP99Ms.toFixed(1)} ms, max ${loopMaxMs.toFixed(1)} ms, busy at most ${busyMaxMs.toFixed(1)} ms`;
  console.log(`${name}: ${perSecond.toFixed(0)} a second, ${loop}`);
}
