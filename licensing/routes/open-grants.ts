// Puts licence grants together: keys, trust, office, and their resources on the HTTP interface.

import type { FastifyInstance } from 'fastify';
import type { Secrets } from '../../platform/secrets/sealed-box.ts';
import { GrantOffice, type GrantOfficeParts } from '../grants/grant-office.ts';
import type { GrantsCrypto } from '../grants/grants-crypto.ts';
import { SigningKeys } from '../grants/signing-keys.ts';
import { TrustDesk, type TrustParts } from '../grants/trust.ts';
import { grantRoutes } from './grant-routes.ts';
import { trustRoutes } from './trust-routes.ts';

/** For the reference: each tag with its sentence. */
export const GRANT_TAGS: Readonly<Record<string, string>> = {
  grants: 'Licence grants: what was sent to which vehicle, and what it said to it',
  'signing-keys': 'What signs grants and activation strings, and what vehicles trust',
};

export interface GrantParts
  extends
    Omit<GrantOfficeParts, 'crypto' | 'keys' | 'now'>,
    Pick<TrustParts, 'authorities' | 'broker' | 'otaRootUrl'> {
  readonly secrets: Secrets;
  readonly crypto: GrantsCrypto;
  readonly now?: () => number;
}

export interface OpenedGrants {
  /** Signs what other parts answer vehicles with. */
  readonly keys: SigningKeys;
  readonly office: GrantOffice;
}

/** To be called before the server listens. Whoever calls it starts the office; it ends with the server. */
export function openGrants(app: FastifyInstance, parts: GrantParts): OpenedGrants {
  const { store, secrets, crypto, authorities, broker, otaRootUrl, now = Date.now } = parts;
  const keys = new SigningKeys({ store, secrets, crypto });
  const trust = new TrustDesk({ keys, authorities, crypto, broker, otaRootUrl, now });
  const office = new GrantOffice({ ...parts, keys, now });
  grantRoutes(app, { store });
  trustRoutes(app, { store, keys, trust, now });
  app.addHook('onClose', () => office.stop());
  return { keys, office };
}
