// `rovercast vehicle`: the reference in-vehicle software from the command line.

import { Command } from 'commander';
import { claimCommand } from './vehicle/claim.ts';
import { enrolCommand } from './vehicle/enrol.ts';
import { runCommand } from './vehicle/run.ts';
import { stateCommand } from './vehicle/state.ts';

export function vehicleCommand(): Command {
  return new Command('vehicle')
    .description('be a vehicle: get a certificate, connect, use what was bought')
    .addCommand(enrolCommand())
    .addCommand(runCommand())
    .addCommand(stateCommand())
    .addCommand(claimCommand());
}
