// The small network that scenarios run: one mountpoint, one base, and as many accounts as they need.

export const MOUNTPOINT = 'BENCH';
export const SOURCE_PASSWORD = 'bench-source-password';
export const PASSWORD = 'bench-rover-password';
/** Names of accounts; `%d` is the number. */
export const USERNAME = 'rover%d';

/** Of all workers: below what 20,000 descriptors a process allow, or the caster warns at every start. */
const CONNECTIONS_MAX = 19_000;

export interface NetworkOptions {
  readonly streamWorkers: number;
  /** One account that all share where 1, else one for each rover. */
  readonly accounts: number;
  readonly chunked?: boolean;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  readonly gates?: Readonly<Record<string, number>>;
  /** Mountpoints that are in the sourcetable without having a base. */
  readonly nearestMountpoints?: number;
}

export function networkConfig(options: NetworkOptions): Record<string, unknown> {
  const { streamWorkers, accounts, chunked = false, tls, gates = {}, nearestMountpoints = 0 } = options;
  return {
    streamWorkers,
    mountpoints: [
      { name: MOUNTPOINT, sourcePassword: SOURCE_PASSWORD, secondBase: 'takeOver', chunked },
      ...Array.from({ length: nearestMountpoints }, (_, index) => ({ name: `NEAR${index}`, nearest: {} })),
    ],
    accounts: Array.from({ length: accounts }, (_, index) => ({
      username: USERNAME.replace('%d', String(index)),
      password: PASSWORD,
    })),
    gates: { connectionsMax: Math.floor(CONNECTIONS_MAX / streamWorkers), ...gates },
    ...(tls === undefined ? {} : { tls }),
  };
}
