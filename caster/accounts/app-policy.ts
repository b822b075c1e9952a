// How much an app may have at a time, and when its accounts go back to the pool. Stored as JSON in apps.quota and
// apps.allocation.

export interface AppQuota {
  /** Devices known to the app, bound or seen; null is no limit, as for the others. */
  readonly devicesMax: number | null;
  /** Sessions of all its accounts at a time. */
  readonly sessionsMax: number | null;
  /** Signed logins, refused ones included. */
  readonly loginsPerMinute: number | null;
}

/** `sessionEnd`: at once. `idle`: `holdS` after its last session. `never`: a device keeps its account. */
export const RELEASE_POLICIES = ['sessionEnd', 'idle', 'never'] as const;

export interface AppAllocation {
  readonly release: (typeof RELEASE_POLICIES)[number];
  /** Seconds that an account stays with its device after a login or session, where release is `idle`. */
  readonly holdS: number;
}

/** Generous: a fleet of 100,000 that comes back within two minutes. */
export const DEFAULT_APP_QUOTA: AppQuota = {
  devicesMax: 100_000,
  sessionsMax: 100_000,
  loginsPerMinute: 60_000,
};

export const DEFAULT_APP_ALLOCATION: AppAllocation = { release: 'idle', holdS: 900 };

/** As the store holds it. */
export function readAppQuota(json: string): AppQuota {
  return { ...DEFAULT_APP_QUOTA, ...(JSON.parse(json) as Partial<AppQuota>) };
}

export function readAppAllocation(json: string): AppAllocation {
  return { ...DEFAULT_APP_ALLOCATION, ...(JSON.parse(json) as Partial<AppAllocation>) };
}
