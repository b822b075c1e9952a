import { describe, expect, test } from 'vitest';
import { describeStoreUrl, DEFAULT_STORE_FILE, isPostgresUrl } from '../../../../platform/store/store-url.ts';
import { loadConfig } from '../../../../config/load.ts';

describe('the URL of a store', () => {
  test.each([
    ['postgres://u:p@h:5433/d', 'h:5433/d'],
    ['postgresql://u:p@h/d?sslmode=disable', 'h:5432/d'],
    ['postgres:///d?host=/run/postgresql&user=u&password=p', '/run/postgresql:5432/d'],
    ['postgres://u:p@[::1]:1/d', '[::1]:1/d'],
  ])('%s is shown as %s', (url, shown) => {
    expect(isPostgresUrl(url)).toBe(true);
    expect(describeStoreUrl(url)).toBe(shown);
  });

  test.each(['rovercast.db', '/var/lib/postgres.db', './postgres'])('%s is a file', (url) => {
    expect(isPostgresUrl(url)).toBe(false);
  });

  test('that the configuration has where nothing is said is the default file', () => {
    expect(loadConfig({ env: {} })).toMatchObject({ config: { store: { url: DEFAULT_STORE_FILE } } });
  });
});
