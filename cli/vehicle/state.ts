// `rovercast vehicle state`: what the vehicle has, without a secret in it.

import { Command } from 'commander';
import { offlineUntilS } from '../../licensing/vehicle/rights/standing.ts';
import { StateStore } from '../../licensing/vehicle/rights/state-store.ts';
import { isDoubted, type KeptGrant, type VehicleState } from '../../licensing/vehicle/rights/state.ts';
import { endWith, type Failure } from '../failure.ts';
import { printLine } from '../terminal.ts';
import { openEnrolled } from './open-folder.ts';

export function stateCommand(): Command {
  return new Command('state')
    .description('print what the vehicle has as one JSON object')
    .requiredOption('--folder <folder>', 'where the vehicle keeps what it has')
    .action(({ folder }: { readonly folder: string }) => {
      const failure = tellState(folder);
      if (failure !== undefined) endWith(failure, false);
    });
}

function tellState(folder: string): Failure | undefined {
  // It only looks, so it may do so while the vehicle runs.
  const found = openEnrolled(folder, { locks: false });
  if (!found.ok) return found.failure;
  const { certificates, files } = found.opened;
  const state = StateStore.read(files);
  if (state === undefined) {
    const message = `the state in ${folder} does not open`;
    return { code: 'vehicle_folder_unusable', message, fix: 'enrol the vehicle anew in another folder' };
  }
  const certificate = {
    id: certificates.certificateId,
    algorithm: certificates.algorithm,
    notAfter: new Date(certificates.notAfterMs).toISOString(),
  };
  const vehicle = { vehicle: certificates.vehicleId, server: certificates.server, certificate };
  printLine(JSON.stringify({ ...vehicle, ...shownState(state) }, undefined, 2));
  return undefined;
}

function shownState(state: VehicleState): object {
  const leases = Object.values(state.leases);
  return {
    counter: state.counter,
    installed: state.installed,
    rights: Object.values(state.grants).map((grant) => shownGrant(grant, state)),
    leases: leases.map(({ leaseId, uses, used, isFrozen }) => ({ leaseId, uses, used, isFrozen })),
    waitingToBeSent: state.outbox.map(({ kind, about }) => ({ kind, about })),
  };
}

function shownGrant(grant: KeptGrant, state: VehicleState): object {
  const { partNumber, grantId, seq, standing, reason, right } = grant;
  const { version, versionRule, functions, startsAt, endsAt, uses, leaseId } = right;
  const running = state.running[partNumber];
  return {
    ...{ partNumber, grantId, seq, state: grant.state, standing, reason },
    ...{ version, versionRule, functions, uses, leaseId },
    startsAt: timeText(startsAt),
    endsAt: endsAt === null ? null : timeText(endsAt),
    isDoubted: isDoubted(grant, state),
    offlineUntil: timeText(offlineUntilS(grant, state)),
    running: running === undefined ? null : { grantId: running.grantId, functions: running.right.functions },
  };
}

function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
