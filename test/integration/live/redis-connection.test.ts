// The connection itself: TLS, passwords, and what it says of a Redis that does not let it in.

import { afterEach, describe, expect, it } from 'vitest';
import { RedisConnection } from '../../../platform/bus/redis-connection.ts';
import type { RedisScript } from '../../../platform/bus/redis-script.ts';
import { until } from '../../faults/until.ts';
import { makeCertificate } from '../../support/certificates.ts';
import { redisMissing, RedisServer } from '../../support/redis-server.ts';
import { useTempFolder } from '../../support/temp-folder.ts';

const folder = useTempFolder();
/** SHA-1 by sha1sum(1). */
const SCRIPT: RedisScript = { lua: 'return ARGV[1]', sha: '098e0f0d1448c0a81dafe820f66d460eb09263da' };

describe('the connection to Redis', () => {
  let server: RedisServer | undefined;
  let redis: RedisConnection | undefined;
  afterEach(async () => {
    redis?.close();
    await server?.stop();
  });

  const problem = (): string => redis?.state.problem ?? '';

  it('is made over TLS to a server whose certificate it can check, and to no other', async (context) => {
    context.skip(redisMissing !== undefined, redisMissing);
    const { certFile, keyFile, pem } = makeCertificate(folder, 'redis');
    server = await RedisServer.start({ tls: { cert: certFile, key: keyFile } });
    redis = new RedisConnection(server.url);
    await until(
      () => problem() !== '',
      () => 'the refusal of an unknown certificate',
    );
    expect(problem()).toMatch(/self.signed/i);
    expect(redis.isUp).toBe(false);
    redis.close();

    redis = new RedisConnection(server.url, { ca: pem });
    await until(
      () => redis!.isUp,
      () => problem(),
    );
    expect(await redis.eval(SCRIPT, [], ['over TLS'])).toBe('over TLS');
  });

  it('needs the password, and shows it nowhere', async (context) => {
    context.skip(redisMissing !== undefined, redisMissing);
    server = await RedisServer.start({ password: 'right-password' });
    redis = new RedisConnection(server.url);
    await until(
      () => redis!.isUp,
      () => problem(),
    );
    expect(await redis.eval(SCRIPT, [], ['let in'])).toBe('let in');
    redis.close();

    redis = new RedisConnection(server.url.replace('right', 'wrong'));
    await until(
      () => problem() !== '',
      () => 'the refusal of a wrong password',
    );
    expect(problem()).toMatch(/WRONGPASS|invalid/);
    expect(JSON.stringify(redis.state)).not.toContain('wrong-password');
    expect(redis.isUp).toBe(false);
  });

  it('runs a script that Redis does not know, too', async (context) => {
    context.skip(redisMissing !== undefined, redisMissing);
    server = await RedisServer.start();
    redis = new RedisConnection(server.url, { scripts: [SCRIPT] });
    await until(
      () => redis!.isUp,
      () => problem(),
    );
    const unknown: RedisScript = { lua: "return redis.sha1hex('')", sha: '0'.repeat(40) };
    expect(await redis.eval(unknown, [], [])).toBe('da39a3ee5e6b4b0d3255bfef95601890afd80709');
    expect(await redis.eval(SCRIPT, [], ['known'])).toBe('known');
  });

  it('is not made to something else', () => {
    expect(() => new RedisConnection('http://localhost')).toThrow('not a URL of Redis');
  });
});
