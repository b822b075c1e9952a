// What of the broker takes milliseconds and therefore runs in the crypto pool: SM2 tokens, and its own certificate.

import { generateKeyPairSync } from 'node:crypto';
import { isIP } from 'node:net';
import { BROKER_CERTIFICATE_MS, CERTIFICATE_BACKDATE_MS } from '../../config/limits.ts';
import { type Issuer, makeServerCertificate, newSerial } from '../pki/certificate.ts';
import { pemOf } from '../pki/pem.ts';
import { wholeSecond } from '../pki/pki-crypto.ts';
import type { TokenAsk } from './admission-desk.ts';
import { verifyToken } from './token.ts';

export interface ServerAsk {
  readonly issuer: Issuer;
  /** Host names and addresses by which vehicles find the broker. */
  readonly names: readonly string[];
  readonly nowMs: number;
}

/** PEM. */
export interface MadeServer {
  readonly certificate: string;
  readonly key: string;
}

/** Rejects with CryptoBusy where too much waits already. */
export interface BrokerCrypto {
  verifyToken(ask: TokenAsk): Promise<boolean>;
  issueServer(ask: ServerAsk): Promise<MadeServer>;
}

/** The work itself, by the names of BrokerCrypto. */
export const BROKER_WORK = {
  verifyToken: ({ spki, facts, signature }: TokenAsk): boolean => verifyToken(spki, facts, signature),

  /** P-256: a handshake costs the broker a tenth of what it would with RSA. */
  issueServer: ({ issuer, names, nowMs }: ServerAsk): MadeServer => {
    const pair = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { format: 'der', type: 'spki' },
      privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    });
    const facts = {
      serial: newSerial(),
      spki: pair.publicKey,
      hostNames: names.filter((name) => isIP(name) === 0),
      addresses: names.filter((name) => isIP(name) !== 0),
      notBeforeMs: wholeSecond(nowMs - CERTIFICATE_BACKDATE_MS),
      notAfterMs: wholeSecond(nowMs + BROKER_CERTIFICATE_MS),
    };
    return { certificate: pemOf('CERTIFICATE', makeServerCertificate(facts, issuer)), key: pair.privateKey };
  },
};
