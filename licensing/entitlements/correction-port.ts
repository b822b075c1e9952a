// What licensing needs of the correction service, and all that it knows of it. main.ts puts the two together: licensing
// never imports the caster.

/** What a receiver in the vehicle logs in with, by plain NTRIP. */
export interface CorrectionLogin {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly mountpoint: string;
  readonly username: string;
  readonly password: string;
}

export const CORRECTION_REFUSALS = [
  'app_not_found',
  'app_suspended',
  'devices_full',
  'device_has_account',
  'device_blocked',
  'account_suspended',
  'password_chosen',
  'no_mountpoint',
  'no_port',
] as const;

export type CorrectionRefusal = (typeof CORRECTION_REFUSALS)[number];

export type Provided =
  | { readonly ok: true; readonly login: CorrectionLogin }
  | { readonly ok: false; readonly reason: CorrectionRefusal };

export interface CorrectionAccount {
  readonly appId: string;
  /** The device's id within the app. */
  readonly vehicleId: string;
}

export interface CorrectionAccounts {
  /**
   * The vehicle's account of that app, made and bound to its device where there is none; the same each time. An account
   * that its device has from elsewhere is none of ours.
   */
  provide(account: CorrectionAccount): Promise<Provided>;
  /** Ends what was provided: its running streams within a second, and its login until it is provided again. */
  withdraw(account: CorrectionAccount): Promise<void>;
}
