import { describe, expect, it } from 'vitest';
import { describeRedisUrl, parseRedisUrl } from '../../../../platform/bus/redis-url.ts';

describe('the URL of Redis', () => {
  it('says host, port, database, TLS and login, with what is usual where it is silent', () => {
    expect(parseRedisUrl('redis://')).toMatchObject({
      host: 'localhost',
      port: 6379,
      database: 0,
      isTls: false,
    });
    expect(parseRedisUrl('rediss://me:p%40ss@[2001:db8::1]:6400/7')).toEqual({
      host: '2001:db8::1',
      port: 6400,
      isTls: true,
      database: 7,
      username: 'me',
      password: 'p@ss',
    });
    expect(parseRedisUrl('redis://:secret@redis.example')).toMatchObject({
      username: undefined,
      password: 'secret',
    });
  });

  it('is none where it is of something else, or names no number as its database', () => {
    for (const text of ['memory:', 'http://redis', 'redis://host/cache', 'redis', '']) {
      expect(parseRedisUrl(text), text).toBeUndefined();
    }
  });

  it('is shown without user and password', () => {
    expect(describeRedisUrl('redis://me:secret@redis.example:6400/2')).toBe('redis.example:6400/2');
    expect(describeRedisUrl('rediss://:secret@[::1]')).toBe('[::1]:6379/0');
  });
});
