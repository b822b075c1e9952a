// A thread of the crypto pool: what of licensing takes milliseconds. Piscina calls these functions by their names.

import { BROKER_WORK } from '../licensing/broker/broker-crypto.ts';
import { GRANTS_WORK } from '../licensing/grants/grants-crypto.ts';
import { PKI_WORK } from '../licensing/pki/pki-crypto.ts';

export const { prove, makeAuthorities, issue, makeCrl } = PKI_WORK;
export const { verifyToken, issueServer } = BROKER_WORK;
export const { makeGrant, signDocument, verifySigned, makeSigningKey } = GRANTS_WORK;
