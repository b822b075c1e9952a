import { describe, expect, test } from 'vitest';
import { parseCredentials } from '../../../caster/ntrip/credentials.ts';

/** Base64 by the platform's other encoder. */
function base64(latin1: string): string {
  return btoa(latin1);
}

describe('a Basic Authorization header', () => {
  const accepted: [string, string, string, string][] = [
    ['of RFC 7617', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'Aladdin', 'open sesame'],
    ['of RFC 7617 in UTF-8', 'Basic dGVzdDoxMjPCow==', 'test', '123£'],
    ['in Latin-1', `Basic ${base64('t\xe9st:123\xa3')}`, 'tést', '123£'],
    ['with the scheme in capitals', 'BASIC dTpw', 'u', 'p'],
    ['with the scheme in lower case', 'basic dTpw', 'u', 'p'],
    ['with several blanks', '  Basic \t dTpw  ', 'u', 'p'],
    ['without padding', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ', 'Aladdin', 'open sesame'],
    ['in the URL alphabet', 'Basic dTo_Pz8-', 'u', '???>'],
    ['with a colon in the password', `Basic ${base64('u:a:b:')}`, 'u', 'a:b:'],
    ['with an empty username', `Basic ${base64(':p')}`, '', 'p'],
    ['with an empty password', `Basic ${base64('u:')}`, 'u', ''],
    ['with both empty, as curl -u : sends it', 'Basic Og==', '', ''],
    [
      'with 256 bytes each',
      `Basic ${base64(`${'u'.repeat(256)}:${'p'.repeat(256)}`)}`,
      'u'.repeat(256),
      'p'.repeat(256),
    ],
  ];
  test.each(accepted)('%s', (_name, header, username, password) => {
    expect(parseCredentials(header)).toStrictEqual({ scheme: 'basic', username, password });
  });

  test('with a signed password is read whole', () => {
    const password = `rc1.1795291200.${'n'.repeat(64)}.H_ffek1db74ooGxqxCMJ1WEe5N4r9SorQGYNexIleOw`;
    const header = `Basic ${base64(`appKey0123456789/${'d'.repeat(64)}:${password}`)}`;
    expect(parseCredentials(header)).toMatchObject({ scheme: 'basic', password });
  });

  const refused: [string, string][] = [
    ['without a token', 'Basic'],
    ['with a token that is not base64', 'Basic d?Tpw'],
    ['with two tokens', 'Basic dTpw dTpw'],
    ['without a colon', `Basic ${base64('user')}`],
    ['with a NUL', `Basic ${base64('u\x00:p')}`],
    ['with a line end', `Basic ${base64('u:p\r\nx')}`],
    ['with 257 bytes of username', `Basic ${base64(`${'u'.repeat(257)}:p`)}`],
    ['with 257 bytes of password', `Basic ${base64(`u:${'p'.repeat(257)}`)}`],
    ['of a megabyte', `Basic ${'d'.repeat(1_000_000)}`],
    ['of the Digest scheme', 'Digest username="u"'],
    ['of the Bearer scheme', 'Bearer abc'],
    ['of no scheme', '"x"'],
  ];
  test.each(refused)('%s is malformed', (_name, header) => {
    expect(parseCredentials(header)).toMatchObject({ scheme: 'malformed' });
  });

  test('that is malformed is not repeated in the detail', () => {
    expect(JSON.stringify(parseCredentials(`Basic ${base64('geheim')}`))).not.toMatch(/geheim|Z2VoZWlt/);
  });
});

test.each([undefined, '', '  '])('no Authorization header (%o) is no credentials', (header) => {
  expect(parseCredentials(header)).toStrictEqual({ scheme: 'none' });
});
