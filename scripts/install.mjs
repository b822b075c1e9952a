// What `npm start` and `npm run rovercast` run first: installs what is missing, or says why it cannot.
// It must print nothing on standard output, which belongs to the command that follows.

import { ensurePackages } from './setup/packages.mjs';

process.exitCode = (await ensurePackages()) ? 0 : 1;
