// Tests whether the sourcetable is answered byte for byte in the three forms that receivers and browsers take.

import { expect, test } from 'vitest';
import { SERVER_TOKEN } from '../../caster/ntrip/server-token.ts';
import { tableReply, withoutDate } from '../support/expected-replies.ts';
import { browserRequest, getRequest, sourceRequest } from '../support/ntrip-requests.ts';
import { expectEventually, useCaster } from '../support/use-caster.ts';
import { ask, connectPeer } from '../support/wire-peer.ts';

const caster = useCaster({
  config: {
    caster: {
      identifier: 'Test net',
      operator: 'Ops',
      country: 'DEU',
      latitude: 50.1,
      longitude: 8.7,
      network: 'NET1',
      url: 'https://example.org',
      misc: 'hello',
    },
    mountpoints: [
      { name: 'SILENT', sourcePassword: 'password1' },
      { name: 'LIVE', sourcePassword: 'password1', place: 'Frankfurt', fee: true, misc: 'roof' },
      { name: 'HIDDEN', sourcePassword: 'password1', listed: false, access: 'open' },
      { name: 'NEAR', nearest: {}, access: 'open' },
    ],
  },
});

/** The table as long as only LIVE has a base, and that has not sent a frame. */
function tableText(live = false): string {
  return [
    `CAS;Test net;${caster().ready.ntrip};Test net;Ops;1;DEU;50.10;8.70;0.0.0.0;0;hello`,
    'NET;NET1;Ops;' + (live ? 'B;Y' : 'N;N') + ';https://example.org;none;none;hello',
    ...(live ? [`STR;LIVE;Frankfurt;RTCM 3;;;;NET1;DEU;;;0;0;${SERVER_TOKEN};none;B;Y;;roof`] : []),
    `STR;NEAR;NEAR;RTCM 3;;2;;NET1;DEU;50.10;8.70;1;0;${SERVER_TOKEN};none;N;N;;`,
    'ENDSOURCETABLE\r\n',
  ].join('\r\n');
}

const FORMS = [
  ['v1', 'an NTRIP 1 rover', getRequest(1, '')],
  ['v1', 'gpsd, which asks in HTTP/1.1', getRequest(1, '', { httpVersion: '1.1' })],
  ['v2', 'an NTRIP 2 rover', getRequest(2, '')],
  ['v2', 'an NTRIP 2 rover that speaks HTTP/1.0', getRequest(2, '', { httpVersion: '1.0' })],
  ['plain', 'a browser', browserRequest('')],
  ['v1', 'a line of NTRIP 1 without an HTTP version', 'GET /\r\nUser-Agent: NTRIP old\r\n\r\n'],
  ['v1', 'a rover that ends its lines in LF', 'GET / HTTP/1.1\nUser-Agent: NTRIP test\n\n'],
  ['v2', 'a rover that sends the version in capitals', 'GET / HTTP/1.1\r\nNTRIP-VERSION: NTRIP/2.0\r\n\r\n'],
  ['v1', 'a rover that asks for version 1', 'GET / HTTP/1.1\r\nNtrip-Version: Ntrip/1.0\r\n\r\n'],
] as const;

test.each(FORMS)('the %s table goes out to %s', async (form, _who, request) => {
  const reply = await ask(caster().ready.ntrip, request);
  expect(withoutDate(reply)).toBe(tableReply(form, tableText()));
});

test('a mountpoint is in the table while its base is there, and no longer', async () => {
  const { ready } = caster();
  const table = async (): Promise<string> => withoutDate(await ask(ready.ntrip, getRequest(2, '')));
  const base = await connectPeer(ready.ntrip);
  base.send(sourceRequest('password1', 'LIVE'));
  await base.readHead();
  await expectEventually(table, tableReply('v2', tableText(true)));
  base.hangUp();
  await expectEventually(table, tableReply('v2', tableText()));
});

test('a half-closed connection still gets its table', async () => {
  const peer = await connectPeer(caster().ready.ntrip);
  peer.send(getRequest(1, ''));
  peer.finish();
  expect(withoutDate(await peer.readToEnd())).toBe(tableReply('v1', tableText()));
});

test('IPv6 rovers get the same table', async () => {
  const reply = await ask(caster().ready.ntrip, getRequest(1, ''), { host: '::1' });
  expect(withoutDate(reply)).toBe(tableReply('v1', tableText()));
});
