// Loads the owner key of the folder that is named on the command line and prints what came of it.

import { loadOwnerKey } from '../../../../platform/secrets/owner-key.ts';

process.stdout.write(`${JSON.stringify(loadOwnerKey({ dataDir: process.argv[2] ?? '', env: {} }))}\n`);
