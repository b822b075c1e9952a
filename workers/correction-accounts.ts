// Joins the two products: what licensing asks of the correction service (licensing/entitlements/correction-port.ts),
// answered by the caster's accounts. The vehicle's device has the vehicle id as its name.

import type { DeviceAccounts } from '../caster/accounts/device-accounts.ts';
import type { CorrectionAccounts } from '../licensing/entitlements/correction-port.ts';

export interface CorrectionPlace {
  readonly host: string;
  /** Undefined where no NTRIP port is open. */
  readonly port: number | undefined;
  readonly tls: boolean;
}

export function correctionAccounts(
  accounts: DeviceAccounts,
  place: () => CorrectionPlace,
): CorrectionAccounts {
  return {
    async provide({ appId, vehicleId }) {
      const { host, port, tls } = place();
      if (port === undefined) return { ok: false, reason: 'no_port' };
      const given = await accounts.give({ appId, deviceId: vehicleId });
      if (!given.ok) return given;
      const { username, password, mountpoint } = given;
      return { ok: true, login: { host, port, tls, mountpoint, username, password } };
    },
    async withdraw({ appId, vehicleId }) {
      await accounts.take({ appId, deviceId: vehicleId });
    },
  };
}
