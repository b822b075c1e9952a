// Tests what may and what may not leave the process as a field of an event.

import { expect, test } from 'vitest';
import { EVENT_TEXT_LENGTH_MAX } from '../../../../config/limits.ts';
import { cleanFields } from '../../../../platform/observe/log-event.ts';

test.each([
  'password',
  'sourcePassword',
  'source_password',
  'authorization',
  'Authorization',
  'proxy-authorization',
  'key',
  'ownerKey',
  'privateKey',
  'secret',
  'appSecret',
  'token',
  'cookie',
  'credentials',
])('the value of a field named %s is never shown', (name) => {
  expect(cleanFields({ [name]: 'hunter2' })).toEqual({ [name]: '***' });
});

test.each(['appKey', 'app_key', 'account', 'keyFile', 'mountpoint', 'reason', 'passwords_checked'])(
  'the value of a field named %s is shown',
  (name) => {
    expect(cleanFields({ [name]: 'visible' })).toEqual({ [name]: 'visible' });
  },
);

test('a field without a value is left out, and false and 0 are values', () => {
  expect(cleanFields({ a: undefined, b: false, c: 0, d: '' })).toEqual({ b: false, c: 0, d: '' });
});

test('a long text is cut and says so, and one of the full length is not', () => {
  const long = 'x'.repeat(EVENT_TEXT_LENGTH_MAX + 1);
  const full = long.slice(1);
  expect(cleanFields({ long, full })).toEqual({ long: `${full}…`, full });
});

test('a field cannot take the place of what the line says about itself', () => {
  expect(cleanFields({ level: 'a', time: 'b', pid: 1, node: 'c', event: 'd' })).toEqual({
    level_: 'a',
    time_: 'b',
    pid_: 1,
    node_: 'c',
    event_: 'd',
  });
});

test('a number is no secret, however it is called: the port for tokens stays readable', () => {
  expect(cleanFields({ mqttsToken: 8884 })).toEqual({ mqttsToken: 8884 });
});
