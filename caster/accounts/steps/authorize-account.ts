// Step 7: may this account have what is asked for now? Also asked of running sessions whenever something changes.

import type { Refusal, RoverPosition } from '../admission.ts';
import type { AccountRecord, AppRecord } from '../directory-records.ts';
import { areaOf } from '../grant-area.ts';
import { type ServiceSpec, shapeOf } from '../service-spec.ts';
import { isServed, type ServesOnly } from '../../stream/served-mountpoint.ts';
import { refuse } from './refuse.ts';

/** An account that waits for its first connect is let through: it is activated once everything else is right. */
export function checkAccount(app: AppRecord, account: AccountRecord, nowMs: number): Refusal | undefined {
  if (!account.isActive) return refuse('account', 'account_disabled');
  const { activatedAtMs, validUntilMs } = account;
  if (activatedAtMs === undefined) {
    if (app.activation === 'console') return refuse('account', 'activation_by_console_needed');
    if (app.activation === 'terminal') return refuse('account', 'activation_by_terminal_needed');
  } else if (activatedAtMs > nowMs) {
    const detail = `its activation is set for ${new Date(activatedAtMs).toISOString()}`;
    return refuse('account', 'account_not_activated', { detail });
  }
  return validUntilMs !== undefined && validUntilMs <= nowMs
    ? refuse('account', 'account_expired')
    : undefined;
}

/** `isKnown`: there is such a mountpoint here. A spec that ignores the name takes any. */
export function checkMountpoint(spec: ServiceSpec, name: string, isKnown: boolean): Refusal | undefined {
  if (spec.ignoreMountpoint) return undefined;
  if (!isKnown) return refuse('mountpoint', 'unknown_mountpoint');
  if (spec.mountpoints === undefined || spec.mountpoints.includes(name)) return undefined;
  return refuse('account', 'mountpoint_not_allowed', { detail: 'the service spec does not name it' });
}

/** A mountpoint that is its owner's alone, asked for by its name: a spec that ignores the name never gets such a base. */
export function checkShared(
  spec: ServiceSpec,
  servesOnly: ServesOnly,
  customerId: string | null,
): Refusal | undefined {
  if (spec.ignoreMountpoint || isServed(servesOnly, customerId)) return undefined;
  return refuse('account', 'mountpoint_not_allowed', { detail: 'its owner does not share it' });
}

/** A raw mountpoint asked for by its name: bytes that nobody frames come in no shape. The nearest base is never raw. */
export function checkRaw(spec: ServiceSpec, isRaw: boolean): Refusal | undefined {
  if (spec.ignoreMountpoint || !isRaw || shapeOf(spec) === undefined) return undefined;
  return refuse('account', 'mountpoint_raw');
}

/** Most rovers say where they are only when the stream runs, and the worker looks at that; a spec may demand it before. */
export function checkPosition(spec: ServiceSpec, position: RoverPosition | undefined): Refusal | undefined {
  if (position === undefined) {
    return spec.ggaRequired?.atLogin === true ? refuse('account', 'gga_required') : undefined;
  }
  const { latitudeDeg, longitudeDeg } = position;
  if (spec.area === undefined || areaOf(spec.area).contains(latitudeDeg, longitudeDeg)) return undefined;
  return refuse('account', 'outside_area');
}
