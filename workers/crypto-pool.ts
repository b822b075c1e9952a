// The crypto pool: threads for signatures and keys, which would hold the main thread up for milliseconds each. They start
// with the first piece of work and end when there has been none for a while, so that a caster without vehicles pays
// nothing for them.

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { CRYPTO_IDLE_MS, CRYPTO_THREADS_MAX, CRYPTO_WAITING_MAX } from '../config/limits.ts';
import type { BROKER_WORK, BrokerCrypto } from '../licensing/broker/broker-crypto.ts';
import type { GRANTS_WORK, GrantsCrypto } from '../licensing/grants/grants-crypto.ts';
import { CryptoBusy, type PKI_WORK, type PkiCrypto } from '../licensing/pki/pki-crypto.ts';
import { entryUrl } from './entry-url.ts';

export interface CryptoPool extends PkiCrypto, BrokerCrypto, GrantsCrypto {
  stop(): Promise<void>;
}

type CryptoWork = typeof PKI_WORK & typeof BROKER_WORK & typeof GRANTS_WORK;
type Name = keyof CryptoWork;

export function startCryptoPool(): CryptoPool {
  const pool = new Piscina({
    filename: fileURLToPath(entryUrl('crypto-worker')),
    minThreads: 0,
    maxThreads: Math.max(1, Math.min(CRYPTO_THREADS_MAX, availableParallelism())),
    idleTimeout: CRYPTO_IDLE_MS,
    maxQueue: CRYPTO_WAITING_MAX,
    // Waiting by Atomics would keep an idle thread from ending.
    atomics: 'disabled',
  });
  async function run<Work extends Name>(
    name: Work,
    ask: Parameters<CryptoWork[Work]>[0],
  ): Promise<ReturnType<CryptoWork[Work]>> {
    if (pool.queueSize >= CRYPTO_WAITING_MAX) throw new CryptoBusy('too much waits for the crypto pool');
    return (await pool.run(ask, { name })) as ReturnType<CryptoWork[Work]>;
  }
  return {
    prove: (ask) => run('prove', ask),
    makeAuthorities: (ask) => run('makeAuthorities', ask),
    issue: (ask) => run('issue', ask),
    makeCrl: (ask) => run('makeCrl', ask),
    verifyToken: (ask) => run('verifyToken', ask),
    issueServer: (ask) => run('issueServer', ask),
    makeGrant: (ask) => run('makeGrant', ask),
    signDocument: (ask) => run('signDocument', ask),
    verifySigned: (ask) => run('verifySigned', ask),
    makeSigningKey: (ask) => run('makeSigningKey', ask),
    stop: () => pool.destroy(),
  };
}
