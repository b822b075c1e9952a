// `rovercast vehicle`: the reference in-vehicle software from the command line.

import { Command } from 'commander';
import { enrolCommand } from './vehicle/enrol.ts';

export function vehicleCommand(): Command {
  return new Command('vehicle')
    .description('be a vehicle: get a certificate, connect, use what was bought')
    .addCommand(enrolCommand());
}
