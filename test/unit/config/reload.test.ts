import { describe, expect, test } from 'vitest';
import { diffConfigs } from '../../../config/reload.ts';
import { configOf, loadText } from './write-config.ts';

const BEFORE = `
mountpoints:
  - { name: A, sourcePassword: secret-of-a-1 }
  - { name: B, sourcePassword: secret-of-b-1, place: Bonn }
accounts:
  - { username: u, password: secret-of-u-1, mountpoints: [A] }
timing: { stallMs: 20000 }
`;

function changes(before: string, after: string) {
  return diffConfigs(configOf(loadText(before)), configOf(loadText(after))).changed;
}

describe('the difference of two configurations', () => {
  test('is empty where nothing changed', () => {
    expect(changes(BEFORE, BEFORE)).toEqual([]);
  });

  test('is empty where only the order of mountpoints changed', () => {
    const [head, a, b, ...rest] = BEFORE.trim().split('\n');
    expect(changes(BEFORE, [head, b, a, ...rest].join('\n'))).toEqual([]);
  });

  test('tells a changed value with its path, and that it is live', () => {
    expect(changes(BEFORE, BEFORE.replace('20000', '25000'))).toEqual([
      { path: 'timing.stallMs', live: true, before: 20000, after: 25000 },
    ]);
  });

  test('tells that a port waits for the next start', () => {
    expect(changes(BEFORE, `${BEFORE}listen: { httpPort: 8081 }\n`)).toEqual([
      { path: 'listen.httpPort', live: false, before: 8080, after: 8081 },
    ]);
  });

  test('tells a section that came', () => {
    expect(changes(BEFORE, `${BEFORE}tls: { certFile: c.pem, keyFile: k.pem }\n`)).toEqual([
      { path: 'tls.certFile', live: false, before: undefined, after: 'c.pem' },
      { path: 'tls.keyFile', live: false, before: undefined, after: 'k.pem' },
    ]);
  });

  test('names entries by their name, not by their number', () => {
    expect(changes(BEFORE, BEFORE.replace('Bonn', 'Berlin'))).toEqual([
      { path: 'mountpoints[B].place', live: true, before: 'Bonn', after: 'Berlin' },
    ]);
  });

  test('compares lists of names as a whole', () => {
    expect(changes(BEFORE, BEFORE.replace('[A]', '[A, B]'))).toEqual([
      { path: 'accounts[u].mountpoints', live: true, before: ['A'], after: ['A', 'B'] },
    ]);
  });

  test('tells a mountpoint that became a nearest one', () => {
    const paths = changes(BEFORE, BEFORE.replace('sourcePassword: secret-of-b-1', 'nearest: {}')).map(
      ({ path }) => path,
    );
    expect(paths).toEqual([
      'mountpoints[B].sourcePassword',
      'mountpoints[B].nearest.maxBaselineKm',
      'mountpoints[B].nearest.hysteresisKm',
    ]);
  });

  test('tells that a secret changed, and neither of its values', () => {
    expect(changes(BEFORE, BEFORE.replace('secret-of-u-1', 'secret-of-u-2'))).toEqual([
      { path: 'accounts[u].password', live: true, before: '***', after: '***' },
    ]);
  });

  test('shows what came and what went whole, without its secrets', () => {
    const [gone, come] = changes(
      BEFORE,
      BEFORE.replaceAll('name: A,', 'name: C,').replace('[A]', '[C]'),
    ).filter(({ path }) => path.startsWith('mountpoints'));
    expect(gone).toMatchObject({
      path: 'mountpoints[A]',
      before: { name: 'A', sourcePassword: '***' },
      after: undefined,
    });
    expect(come).toMatchObject({
      path: 'mountpoints[C]',
      before: undefined,
      after: { name: 'C', sourcePassword: '***' },
    });
  });
});
