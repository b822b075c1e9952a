// The vehicle's certificate module and `rovercast vehicle enrol` with a real server: what OpenSSL says of what they make,
// answers that are lost, power that goes at every step, and servers that are not who they say.

import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CertificateModule } from '../../../licensing/vehicle/certificates/certificate-module.ts';
import { SealedFiles } from '../../../licensing/vehicle/storage/sealed-files.ts';
import { KEY_ALGORITHMS } from '../../../licensing/pki/keys.ts';
import { type CasterProcess, COMPILED, OWNER_KEY, startCasterProcess } from '../../support/caster-process.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { FailingDisk, PowerLost } from '../../unit/licensing/vehicle/failing-disk.ts';
import { lossyServer, type LossyServer } from './lossy-server.ts';
import { newVin } from './vehicle-under-test.ts';

const CLI = path.resolve(import.meta.dirname, '../../../cli/rovercast.ts');
const SM2_ID = 'distid:1234567812345678';
const DEVICE_KEY = Buffer.alloc(32, 3);
const folder = useTempFolder();
let caster: CasterProcess;
let server: LossyServer;
beforeAll(async () => {
  caster = await startCasterProcess();
  server = await lossyServer(caster.ready.http);
});
afterAll(async () => {
  await server.close();
  await caster.stop();
});

async function tokenFor(vehicleId: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${caster.ready.http}/v1/enrolment-tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${OWNER_KEY}` },
    body: JSON.stringify({ vehicleId, validSeconds: 600 }),
  });
  return ((await answer.json()) as { token: string }).token;
}

function openOn(disk: FailingDisk, now?: () => number): CertificateModule {
  const module = CertificateModule.open(new SealedFiles('/car', DEVICE_KEY, disk.files), now);
  if (module === undefined) throw new Error('the storage does not open');
  return module;
}

function runEnrol(vehicleId: string, token: string, at: string, ...more: string[]) {
  const words = ['vehicle', 'enrol', '--server', server.url, '--id', vehicleId, '--token', token];
  const env = { PATH: process.env['PATH'], ...COMPILED };
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    const args = [CLI, ...words, '--folder', at, ...more];
    const child = execFile(process.execPath, args, { env }, (_error, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });
}

function openssl(...words: string[]): string {
  const { stdout, stderr } = spawnSync('openssl', words, { cwd: folder, encoding: 'utf8' });
  return `${stdout}${stderr}`;
}

test.each(KEY_ALGORITHMS)(
  'rovercast vehicle enrol gets a certificate of %s by a request that OpenSSL verifies',
  async (algorithm) => {
    const vin = newVin();
    const at = path.join(folder, vin);
    const token = await tokenFor(vin);
    const ran = await runEnrol(vin, token, at, '--algorithm', algorithm, '--json');
    expect(ran.err).toBe('');
    expect(JSON.parse(ran.out)).toMatchObject({ event: 'enrolled', vehicle: vin });
    const sent = server.sentTo(/enrolments/).map((body) => JSON.parse(body) as Record<string, string>);
    const { request } = sent.find(({ vehicleId }) => vehicleId === vin)!;
    writeFileSync(path.join(folder, 'vehicle.csr'), request!);
    const id = algorithm === 'sm2' ? ['-vfyopt', SM2_ID] : [];
    const said = openssl('req', '-in', 'vehicle.csr', '-noout', '-verify', '-subject', '-text', ...id);
    expect(said).toContain('verify OK');
    expect(said).toContain(`CN = ${vin}`);
    expect(said).toContain(algorithm === 'rsa' ? 'Public-Key: (2048 bit)' : 'ASN1 OID: SM2');
    expect(readdirSync(at).toSorted()).toEqual(['device.key', 'records']);
    const again = await runEnrol(vin, token, at);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('already_enrolled')]);
  },
);

test.each(KEY_ALGORITHMS)(
  'what the module holds is a chain of %s that OpenSSL verifies',
  async (algorithm) => {
    const vin = newVin();
    const module = openOn(new FailingDisk());
    const certified = await module.enrol({
      ...{ server: server.url, vehicleId: vin, algorithm },
      token: await tokenFor(vin),
    });
    expect(certified).toMatchObject({ ok: true });
    const pem = (der: Buffer): string =>
      `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
    writeFileSync(path.join(folder, 'held.pem'), module.certificatePem);
    writeFileSync(path.join(folder, 'issuing.pem'), pem(module.issuing));
    const id = algorithm === 'sm2' ? ['-vfyopt', SM2_ID] : [];
    const how = [
      'verify',
      '-partial_chain',
      '-x509_strict',
      '-purpose',
      'sslclient',
      '-trusted',
      'issuing.pem',
    ];
    expect(openssl(...how, ...id, 'held.pem')).toBe('held.pem: OK\n');
  },
);

test('where the answer to an enrolment is lost, the same token brings the same key its certificate', async () => {
  const vin = newVin();
  const disk = new FailingDisk();
  const ask = { server: server.url, vehicleId: vin, algorithm: 'sm2', token: await tokenFor(vin) } as const;
  let lost = '';
  server.next.push((text) => {
    lost = text;
    return undefined;
  });
  expect(await openOn(disk).enrol(ask)).toMatchObject({ ok: false, reason: 'server_unreachable' });
  expect(await openOn(disk).enrol(ask)).toMatchObject({
    ok: true,
    certificateId: (JSON.parse(lost) as { id: string }).id,
  });
});

test('the power may go at every step of an enrolment and of a renewal, and both end well', async () => {
  for (let step = 0; ; step += 1) {
    const vin = newVin();
    const disk = new FailingDisk();
    const ask = { server: server.url, vehicleId: vin, algorithm: 'sm2', token: await tokenFor(vin) } as const;
    disk.failAfter(step);
    let hasFailed = false;
    try {
      const module = openOn(disk);
      await module.enrol(ask);
      await module.renew();
    } catch (error) {
      if (!(error instanceof PowerLost)) throw error;
      hasFailed = true;
    }
    disk.plugIn((['lost', 'torn', 'kept'] as const)[step % 3]!);
    const module = openOn(disk);
    if (!module.isEnrolled) expect(await module.enrol(ask)).toMatchObject({ ok: true });
    const before = module.certificateId;
    expect(await module.renew(), `step ${step}`).toMatchObject({ ok: true });
    expect([module.holds(before), module.certificateId === before]).toEqual([true, false]);
    if (!hasFailed) break;
    expect(step).toBeLessThan(50);
  }
}, 60_000);

test('a certificate is renewed when two thirds of its life are over, by the old key for a new one', async () => {
  const vin = newVin();
  const clock = { nowMs: Date.now() };
  const module = openOn(new FailingDisk(), () => clock.nowMs);
  const token = await tokenFor(vin);
  await module.enrol({ server: server.url, vehicleId: vin, algorithm: 'sm2', token });
  const first = module.certificatePem;
  expect(await module.renewIfDue()).toBeUndefined();
  const beginMs = clock.nowMs;
  clock.nowMs = beginMs + (module.notAfterMs - beginMs) * 0.7;
  expect(await module.renewIfDue()).toMatchObject({ ok: true });
  writeFileSync(path.join(folder, 'first.pem'), first);
  writeFileSync(path.join(folder, 'second.pem'), module.certificatePem);
  const keyOf = (file: string): string => openssl('x509', '-in', file, '-noout', '-pubkey');
  expect(keyOf('first.pem')).not.toBe(keyOf('second.pem'));
});

test('a certificate for another key, another vehicle or by another root is refused, each by its own code', async () => {
  const other = newVin();
  const answers: string[] = [];
  const enrol = async (
    vehicleId: string,
    change: (text: string) => string,
    algorithm: 'rsa' | 'sm2' = 'sm2',
  ) => {
    server.next.push(change);
    const module = openOn(new FailingDisk());
    const token = await tokenFor(vehicleId);
    const certified = await module.enrol({ server: server.url, vehicleId, algorithm, token });
    return { module, certified };
  };
  await enrol(other, (text) => {
    answers.push(text);
    return text;
  });
  const { certified } = await enrol(newVin(), () => answers[0]!);
  expect(certified).toMatchObject({ ok: false, reason: 'chain_key_not_mine' });
  const { module } = await enrol(newVin(), (text) => text);
  await enrol(
    newVin(),
    (text) => {
      answers.push(text);
      return text;
    },
    'rsa',
  );
  const foreign = (JSON.parse(answers[1]!) as { rootCertificate: string }).rootCertificate;
  server.next.push((text) => JSON.stringify({ ...(JSON.parse(text) as object), rootCertificate: foreign }));
  expect(await module.renew()).toMatchObject({ ok: false, reason: 'root_changed' });
  server.next.push((text) =>
    JSON.stringify({ ...(JSON.parse(text) as object), issuingCertificate: foreign }),
  );
  expect(await module.renew()).toMatchObject({ ok: false, reason: 'chain_names_differ' });
});

test('a token that is good no more and a server that is away are told by their codes', async () => {
  const vin = newVin();
  const refused = await runEnrol(vin, 'ent1.guess', path.join(folder, `${vin}-a`));
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('enrolment_token_invalid')]);
  const words = ['--server', 'http://127.0.0.1:1', '--json'];
  const away = await runEnrol(vin, 'ent1.guess', path.join(folder, `${vin}-b`), ...words);
  expect(JSON.parse(away.err)).toMatchObject({ error: { code: 'connection_failed' } });
});
