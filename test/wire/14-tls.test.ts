// Tests whether rovers and bases are served over TLS, whether a renewed certificate is taken over without anybody
// losing a session, and whether one that cannot be read is named and changes nothing.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { startCasterProcess } from '../support/caster-process.ts';
import { makeCertificate } from '../support/certificates.ts';
import { ICY_OK, streamHead, withoutDate } from '../support/expected-replies.ts';
import { observationFrame, positionFrame } from '../support/frames.ts';
import { getRequest, sourceRequest, uploadRequest } from '../support/ntrip-requests.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { eventually, logFromHere, metricOf, sessionsOf, useCaster } from '../support/use-caster.ts';
import { ask, connectPeer, type PeerOptions, type WirePeer } from '../support/wire-peer.ts';

const folder = useTempFolder();
const original = makeCertificate(folder, 'original');
const certFile = path.join(folder, 'served.pem');
const keyFile = path.join(folder, 'served.key');

/** What stands in the files that the caster reads. */
function serve(certificate: { certFile: string; keyFile: string }): void {
  writeFileSync(certFile, readFileSync(certificate.certFile));
  writeFileSync(keyFile, readFileSync(certificate.keyFile));
}
serve(original);

const LOGIN = { username: 'base-1', password: 'password1' };
const CONFIG = {
  mountpoints: [{ name: 'TEST1', sourcePassword: 'password1', access: 'open' }],
  tls: { certFile, keyFile },
  timing: { handshakeTimeoutMs: 1500 },
};
const EPOCH = Buffer.concat([positionFrame(1, 50, 8), observationFrame(1, 1000, 500)]);
const trusting = (pem: string): PeerOptions => ({ tls: { ca: pem } });

function certificateOf(peer: WirePeer): DetailedPeerCertificate {
  if (!(peer.socket instanceof TLSSocket)) throw new Error('no TLS');
  return peer.socket.getPeerCertificate(true);
}

describe('a caster with a certificate', () => {
  const caster = useCaster({ config: CONFIG });

  async function join(pem = original.pem): Promise<WirePeer> {
    const rover = await connectPeer(caster().ready.ntrips, trusting(pem));
    rover.send(getRequest(1, 'TEST1'));
    expect((await rover.read(ICY_OK.length)).toString()).toBe(ICY_OK);
    return rover;
  }

  test('serves the table, rovers and bases of both versions, plain and secure ones side by side', async () => {
    const { ntrip, ntrips } = caster().ready;
    const table = withoutDate(await ask(ntrips, getRequest(1, ''), trusting(original.pem)));
    expect(table).toBe(withoutDate(await ask(ntrip, getRequest(1, ''))));
    const secure = await connectPeer(ntrips, trusting(original.pem));
    secure.send(getRequest(2, 'TEST1'));
    expect(withoutDate(await secure.readHead())).toBe(streamHead({ rover: true }));
    const plain = await connectPeer(ntrip);
    plain.send(getRequest(1, 'TEST1'));
    await plain.readHead();
    const base = await connectPeer(ntrips, trusting(original.pem));
    base.send(uploadRequest('TEST1', { login: LOGIN }));
    expect(withoutDate(await base.readHead())).toBe(streamHead({ rover: false }));
    base.send(EPOCH);
    expect(await secure.read(EPOCH.length)).toEqual(EPOCH);
    expect(await plain.read(EPOCH.length)).toEqual(EPOCH);
    const rows = (await sessionsOf(caster())).map(({ role, tls }) => `${role} ${tls}`);
    expect(rows.toSorted()).toEqual(['base true', 'rover false', 'rover true']);
  });

  test('carries 2 MB over TLS at full speed', async () => {
    const rover = await join();
    const base = await connectPeer(caster().ready.ntrips, trusting(original.pem));
    base.send(sourceRequest('password1', 'TEST1'));
    await base.readHead();
    const stream = Buffer.concat(
      Array.from({ length: 2000 }, (_none, n) => observationFrame(1, 1000 + n, 990)),
    );
    await base.sendInPieces(stream, () => 16_384);
    expect((await rover.read(stream.length)).equals(stream)).toBe(true);
  });

  test('does not let plain text on the TLS port in, and counts it', async () => {
    const before = await metricOf(caster(), 'caster_tls_failures_total');
    await ask(caster().ready.ntrips, getRequest(1, '')).catch(() => undefined);
    await eventually('the failure is counted', async () =>
      (await metricOf(caster(), 'caster_tls_failures_total')) > before ? true : undefined,
    );
    expect(
      await metricOf(caster(), 'caster_connections_closed_total', { reason: 'tls_failed' }),
    ).toBeGreaterThan(0);
  });

  test('lets go of one that never begins its handshake', async () => {
    const peer = await connectPeer(caster().ready.ntrips);
    await peer.closed;
    expect(peer.waitingBytes).toBe(0);
  });

  test('takes a renewed certificate over at SIGHUP; those who stream keep theirs and lose nothing', async () => {
    const [rover, base] = [await join(), await connectPeer(caster().ready.ntrips, trusting(original.pem))];
    base.send(sourceRequest('password1', 'TEST1'));
    await base.readHead();
    const renewed = makeCertificate(folder, 'renewed');
    serve(renewed);
    const next = logFromHere(caster());
    caster().process.kill('SIGHUP');
    await next('reloaded');
    const newcomer = await eventually('the new certificate is served', async () => {
      const peer = await connectPeer(caster().ready.ntrips, trusting(renewed.pem)).catch(() => undefined);
      return peer;
    });
    expect(certificateOf(newcomer).subject.CN).toBe('renewed');
    base.send(EPOCH);
    expect(await rover.read(EPOCH.length)).toEqual(EPOCH);
    expect(certificateOf(rover).subject.CN).toBe('original');
    newcomer.send(getRequest(1, 'TEST1'));
    expect((await newcomer.read(ICY_OK.length)).toString()).toBe(ICY_OK);
    serve(original);
    caster().process.kill('SIGHUP');
    await logFromHere(caster())('reloaded');
  });

  test.each([
    ['is gone', () => writeFileSync(certFile, ''), 'tls_invalid'],
    ['is no certificate', () => writeFileSync(certFile, 'rubbish'), 'tls_invalid'],
    [
      'is not of its key',
      () => writeFileSync(keyFile, readFileSync(makeCertificate(folder, 'other').keyFile)),
      'tls_invalid',
    ],
  ])('names a certificate that %s at SIGHUP, and goes on with the old one', async (_how, spoil, code) => {
    const rover = await join();
    const next = logFromHere(caster());
    spoil();
    caster().process.kill('SIGHUP');
    const line = await next('reload_refused');
    expect(line).toMatchObject({ level: 'error', code });
    expect(String(line['detail'])).toContain(certFile);
    expect(String(line['fix'])).toContain('tls.certFile');
    expect(rover.ended).toBe(false);
    await join();
    serve(original);
  });
});

describe('a certificate at the start', () => {
  async function startWith(tls: { certFile: string; keyFile: string }): Promise<string> {
    return await startCasterProcess({ config: { ...CONFIG, tls } }).then(
      async (caster) => `started, ended with ${await caster.stop()}`,
      (error: unknown) => String(error),
    );
  }

  test('that is not there ends the start with the file, the reason and the fix', async () => {
    const missing = path.join(folder, 'missing.pem');
    const words = await startWith({ certFile: missing, keyFile });
    expect(words).toContain('ended with 1');
    expect(words).toMatch(
      /tls_file_unreadable: cannot read \S*missing\.pem: .*ENOENT.*check tls\.certFile and tls\.keyFile/s,
    );
  });

  test('that is no certificate ends the start too', async () => {
    const words = await startWith({ certFile: keyFile, keyFile });
    expect(words).toMatch(/ended with 1: .*tls_invalid: .*served\.key.*name a PEM certificate/s);
  });

  test('that runs out soon is warned of, with the day', async () => {
    const short = makeCertificate(folder, 'short', 3);
    const caster = await startCasterProcess({
      config: { ...CONFIG, tls: { certFile: short.certFile, keyFile: short.keyFile } },
    });
    const line = await caster.waitFor('certificate_expires');
    expect(line).toMatchObject({ level: 'warn', expiresAt: expect.stringMatching(/^20\d\d-/) as string });
    expect(await caster.stop()).toBe(0);
  });
});
