#!/usr/bin/env node
// The command line: says what is missing where Node is too old, else hands over to the program. It must not import
// anything that an older Node could not load.

import { isNodeNewEnough, NODE_VERSION_MIN } from './node-version.ts';

if (isNodeNewEnough(process.versions.node)) {
  const { runProgram } = await import('./program.ts');
  await runProgram(process.argv.slice(2));
} else {
  process.stderr.write(
    `node_too_old: this is Node ${process.versions.node} (install Node ${NODE_VERSION_MIN} or newer)\n`,
  );
  process.exitCode = 1;
}
