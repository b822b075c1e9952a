// Where devices connect to, as far as the console can tell: the host that it is served from, at NTRIP's own port (IANA).

const NTRIP_PORT = 2101;

export function ntripAddress(): string {
  return `${window.location.hostname}:${NTRIP_PORT}`;
}
