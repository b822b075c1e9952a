// A thread of the crypto pool: what of the PKI takes milliseconds. Piscina calls these functions by their names.

import { PKI_WORK } from '../licensing/pki/pki-crypto.ts';

export const { prove, makeAuthorities, issue, makeCrl } = PKI_WORK;
