// How a caster is named on the command line. What a URL means is taken from the forms that RTKLIB, BKG's ntripclient and
// people write, passwords with odd characters included.
import { describe, expect, test } from 'vitest';
import { type NtripTarget, readTarget, shownTarget, type TargetOptions } from '../../../cli/ntrip/target.ts';

function targetOf(url: string | undefined, options: TargetOptions = {}): NtripTarget {
  const read = readTarget(url, options, false);
  if (!read.ok) throw new Error(read.failure.message);
  return read.target;
}

function failureOf(url: string | undefined, options: TargetOptions = {}, needsMountpoint = true): string {
  const read = readTarget(url, options, needsMountpoint);
  if (read.ok) throw new Error('a refusal was expected');
  return `${read.failure.code}: ${read.failure.message} (${read.failure.fix})`;
}

describe('the URL of a caster', () => {
  test.each([
    ['ntrip://h/M', { host: 'h', port: 2101, tls: false, mountpoint: 'M' }],
    ['ntrips://h/M', { host: 'h', port: 2102, tls: true, mountpoint: 'M' }],
    ['http://h/M', { host: 'h', port: 80, tls: false, mountpoint: 'M' }],
    ['https://h/M', { host: 'h', port: 443, tls: true, mountpoint: 'M' }],
    ['NTRIP://h:9000/M', { host: 'h', port: 9000, tls: false, mountpoint: 'M' }],
    ['h:2101/M', { host: 'h', port: 2101, tls: false, mountpoint: 'M' }],
    ['h', { host: 'h', port: 2101, mountpoint: '' }],
    ['ntrip://h', { host: 'h', port: 2101, mountpoint: '' }],
    ['ntrip://h/', { host: 'h', port: 2101, mountpoint: '' }],
    ['ntrip://[::1]:2103/M', { host: '::1', port: 2103, mountpoint: 'M' }],
    ['ntrip://[fe80::1]/M', { host: 'fe80::1', port: 2101, mountpoint: 'M' }],
    ['ntrip://h/M?x=1', { host: 'h', mountpoint: 'M', query: '?x=1' }],
    ['ntrip://h/a%20b', { host: 'h', mountpoint: 'a b' }],
  ])('%s is read', (url, expected) => {
    expect(targetOf(url)).toMatchObject(expected);
  });

  test.each([
    ['ntrip://u:p@h/M', 'u', 'p'],
    ['ntrip://u@h/M', 'u', undefined],
    ['ntrip://:p@h/M', '', 'p'],
    ['ntrip://u:p@ss@h/M', 'u', 'p@ss'],
    ['ntrip://u:p:q@h/M', 'u', 'p:q'],
    ['ntrip://u:p/q@h/M', 'u', 'p/q'],
    ['ntrip://u:p#q?@h/M', 'u', 'p#q?'],
    ['ntrip://u:p%40q@h/M', 'u', 'p@q'],
    ['ntrip://u:100%@h/M', 'u', '100%'],
    ['ntrip://me@mail.example:p@h/M', 'me@mail.example', 'p'],
    ['u:p@h:2101/M', 'u', 'p'],
  ])('%s has its username and password', (url, username, password) => {
    const target = targetOf(url);
    expect([target.host, target.mountpoint, target.username, target.password]).toEqual([
      'h',
      'M',
      username,
      password,
    ]);
  });

  test('options win over the URL', () => {
    const options = { host: 'k', port: 99, mountpoint: '/N', user: 'v', password: 'q', tls: true };
    expect(targetOf('ntrip://u:p@h:1/M', options)).toMatchObject({
      host: 'k',
      port: 99,
      mountpoint: 'N',
      username: 'v',
      password: 'q',
      tls: true,
    });
  });

  test('options alone name a caster', () => {
    expect(targetOf(undefined, { host: 'h', mountpoint: 'M' })).toMatchObject({ host: 'h', port: 2101 });
  });

  test('encryption without a port takes the usual encrypted one', () => {
    expect(targetOf('ntrip://h/M', { tls: true }).port).toBe(2102);
  });

  test.each([
    ['ftp://h/M', 'ftp'],
    ['ntrip://h:70000/M', '70000'],
    ['ntrip://h:0/M', '0'],
    ['ntrip:///M', 'no caster'],
    ['ntrip://h', 'no mountpoint'],
    ['ntrip://h/a%0d%0ab', 'mountpoint'],
  ])('%s is refused, naming %s', (url, part) => {
    expect(failureOf(url)).toMatch(new RegExp(`^bad_usage: .*${part}`));
  });

  test('a URL that cannot be read is refused without repeating what might be a password', () => {
    expect(failureOf('ntrip://u:hunter2 h:x:y/M')).not.toContain('hunter2');
  });

  test('a target is shown without its password', () => {
    expect(shownTarget(targetOf('ntrips://u:hunter2@[::1]:2103/M?q'))).toBe('ntrips://u:***@[::1]:2103/M?q');
  });

  test('a target without a login is shown without a mask', () => {
    expect(shownTarget(targetOf('h/M'))).toBe('ntrip://h:2101/M');
  });
});
