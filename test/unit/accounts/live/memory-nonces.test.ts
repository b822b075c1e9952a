import { describe, expect, it } from 'vitest';
import { MemoryNonces } from '../../../../caster/accounts/live/memory-nonces.ts';
import { SIGNATURE_WINDOW_MS } from '../../../../config/limits.ts';

const BEGAN_MS = 1_795_291_200_400;
/** Expiry of a signature of that second after the beginning. */
const signedAfter = (seconds: number): number =>
  Math.floor(BEGAN_MS / 1000) * 1000 + seconds * 1000 + SIGNATURE_WINDOW_MS;

describe('nonces in memory', () => {
  it('believe a signature of the second in which they began, and none before it', () => {
    const nonces = new MemoryNonces(BEGAN_MS);
    expect(nonces.use('a', 't', signedAfter(0), BEGAN_MS)).toBe('fresh');
    expect(nonces.use('b', 't', signedAfter(-1), BEGAN_MS)).toBe('stale');
  });

  it('are forgotten when they expire, and not earlier', () => {
    const nonces = new MemoryNonces(BEGAN_MS);
    for (let n = 0; n < 100; n++) nonces.use(`n${n}`, 't', signedAfter(n), BEGAN_MS);
    expect(nonces.use('n40', 'other', signedAfter(40), signedAfter(40) - 1)).toBe('used');
    nonces.use('late', 't', signedAfter(1000), signedAfter(49));
    // Those of seconds 50 to 99, and the last one.
    expect(nonces.size).toBe(51);
    expect(nonces.use('n60', 'other', signedAfter(60), signedAfter(49))).toBe('used');
  });

  it('may be used anew with a later signature once they have expired, and are then remembered as long', () => {
    const nonces = new MemoryNonces(BEGAN_MS);
    nonces.use('a', 't', signedAfter(1), BEGAN_MS);
    const nowMs = signedAfter(1);
    expect(nonces.use('a', 't', signedAfter(900), nowMs)).toBe('fresh');
    expect(nonces.use('a', 'other', signedAfter(900), signedAfter(899))).toBe('used');
  });

  it('stay within their maximum, and call nothing fresh that may have been forgotten for that', () => {
    const nonces = new MemoryNonces(BEGAN_MS, 10);
    for (let n = 0; n < 10; n++) nonces.use(`n${n}`, 't', signedAfter(n), BEGAN_MS);
    expect(nonces.use('n10', 't', signedAfter(10), BEGAN_MS)).toBe('fresh');
    expect(nonces.size).toBe(10);
    expect(nonces.use('n0', 't', signedAfter(0), BEGAN_MS)).toBe('stale');
    expect(nonces.use('n9', 'other', signedAfter(9), BEGAN_MS)).toBe('used');
    expect(nonces.use('new', 't', signedAfter(5), BEGAN_MS)).toBe('fresh');
  });

  it('of one owner make none of another’s stale, however many and however late they expire', () => {
    const nonces = new MemoryNonces(BEGAN_MS, 100);
    for (let n = 0; n < 1000; n++) {
      nonces.use(`many${n}`, 't', signedAfter(590 + (n % 10)), BEGAN_MS, 'many');
      if (n % 20 !== 0) continue;
      expect(nonces.use(`few${n}`, 't', signedAfter(0), BEGAN_MS, 'few')).toBe('fresh');
      expect(nonces.use(`few${n}`, 'other', signedAfter(0), BEGAN_MS, 'few')).toBe('used');
    }
    expect(nonces.size).toBeLessThanOrEqual(100);
  });

  it('leave nothing behind when they have expired, nor do their owners', () => {
    const nonces = new MemoryNonces(BEGAN_MS, 10);
    for (let n = 0; n < 10; n++) nonces.use(`n${n}`, 't', signedAfter(n), BEGAN_MS, `owner ${n}`);
    expect(nonces.use('late', 't', signedAfter(900), signedAfter(60), 'late')).toBe('fresh');
    expect(nonces.size).toBe(1);
  });

  it('never accept one twice, whatever is forgotten', () => {
    const nonces = new MemoryNonces(BEGAN_MS, 50);
    const seen = new Set<string>();
    // A fixed walk through keys and seconds, much larger than the memory.
    for (let step = 0; step < 5000; step++) {
      const key = `n${(step * 7919) % 400}`;
      const second = Number(key.slice(1)) % 37;
      if (nonces.use(key, 't', signedAfter(second), BEGAN_MS) === 'fresh') {
        expect(seen.has(key), key).toBe(false);
        seen.add(key);
      }
      expect(nonces.size).toBeLessThanOrEqual(50);
    }
    expect(seen.size).toBeGreaterThan(50);
  });
});
