// OpenSSL's own client at the TLS port: versions, the certificate it is shown before and after a reload, the stream.

import { copyFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeEpoch } from '../../faults/numbered-epochs.ts';
import { until } from '../../faults/until.ts';
import type { CasterProcess } from '../../support/caster-process.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import { nextSession, startBase, startNetwork } from './network.ts';
import { run, type Running, skipNote } from './programs.ts';

const skipped = skipNote('openssl');
const REPLY = 'ICY 200 OK\r\n\r\n';
const EPOCHS = 50;

let caster: CasterProcess;
/** What the configuration names; a renewal is copied over it. */
let certificate: Certificate;
let renewed: Certificate;

beforeAll(async () => {
  if (skipped !== '') return;
  certificate = makeCertificate();
  renewed = makeCertificate();
  caster = await startNetwork(certificate);
});

afterAll(async () => {
  if (skipped !== '') return;
  await caster.stop();
  certificate.remove();
  renewed.remove();
});

function openClient(args: readonly string[]): Running {
  const place = ['-connect', `127.0.0.1:${caster.ready.ntrips}`, '-servername', 'localhost'];
  return run('openssl', ['s_client', ...place, '-verify_return_error', ...args]);
}

/** What OpenSSL says of a handshake that it hangs up after. */
async function handshake(args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const client = openClient(['-brief', ...args]);
  client.process.stdin!.end();
  const code = await client.exited;
  return { code, said: client.errors() + client.output().toString() };
}

describe.skipIf(skipped !== '')(`openssl s_client${skipped}`, () => {
  test.each([
    ['-tls1_2', 'TLSv1.2'],
    ['-tls1_3', 'TLSv1.3'],
  ])('agrees by %s on %s', async (option, version) => {
    const { code, said } = await handshake(['-CAfile', certificate.certFile, option]);
    expect(said).toContain(`Protocol version: ${version}`);
    expect(said).toContain('Verification: OK');
    expect(code).toBe(0);
  });

  test('is refused TLS 1.1', async () => {
    const { code } = await handshake([
      '-CAfile',
      certificate.certFile,
      '-tls1_1',
      '-cipher',
      'ALL:@SECLEVEL=0',
    ]);
    expect(code).not.toBe(0);
  });

  test('gets the reply and every byte, over a reload of the certificate that only newcomers see', async () => {
    const opened = nextSession(caster, 'rover', 'OPEN');
    const rover = openClient(['-quiet', '-CAfile', certificate.certFile]);
    rover.process.stdin!.write('GET /OPEN HTTP/1.0\r\nUser-Agent: NTRIP openssl\r\n\r\n');
    expect(await opened).toMatchObject({ secure: true });
    const base = await startBase(caster, 'OPEN');

    const epochs = Array.from({ length: EPOCHS }, (_, sequence) => makeEpoch({ base: 1, sequence }));
    let goal = REPLY.length;
    for (const [sequence, epoch] of epochs.entries()) {
      if (sequence === EPOCHS / 2) {
        copyFileSync(renewed.certFile, certificate.certFile);
        copyFileSync(renewed.keyFile, certificate.keyFile);
        caster.process.kill('SIGHUP');
        await caster.waitFor('reloaded');
      }
      base.say(epoch);
      goal += epoch.length;
      await until(
        () => rover.output().length >= goal,
        () => `${rover.output().length} of ${goal} bytes`,
      );
    }
    expect(rover.output().toString('latin1', 0, REPLY.length)).toBe(REPLY);
    expect(rover.output().subarray(REPLY.length).equals(Buffer.concat(epochs))).toBe(true);

    const isRenewed = async (): Promise<boolean> =>
      (await handshake(['-CAfile', renewed.certFile])).said.includes('Verification: OK');
    await until(isRenewed, () => 'newcomers see the renewed certificate');
    await rover.stop('SIGTERM');
    await base.hangUp();
  });

  test('is not disturbed by somebody who speaks no TLS at that port', async () => {
    const stranger = connect({ port: caster.ready.ntrips, host: '127.0.0.1' });
    stranger.on('error', () => undefined);
    stranger.write('GET /OPEN HTTP/1.0\r\n\r\n');
    await new Promise((resolve) => stranger.once('close', resolve));
    const page = await (await fetch(`http://127.0.0.1:${caster.ready.http}/metrics`)).text();
    expect(page).toMatch(/^caster_connections_closed_total\{reason="tls_failed"\} [1-9]/m);
  });
});
