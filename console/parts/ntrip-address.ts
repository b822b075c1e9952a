// Where devices connect to: what the server tells, at the host that the console came from where it names none.

import { useCaller } from '../api/caller.ts';

const NTRIP_PORT = 2101;

export function useNtripAddress(): string {
  const { host, port } = useCaller().ntrip;
  return `${host ?? window.location.hostname}:${port ?? NTRIP_PORT}`;
}
