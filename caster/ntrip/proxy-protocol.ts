// The PROXY protocol header, versions 1 (text) and 2 (binary), that a load balancer puts in front of a connection to
// say who is behind it (haproxy.org, "The PROXY protocol"). Reads it from the first bytes of a connection, however
// few have come; never throws. Whether a peer may send one at all is decided elsewhere: this must never be asked
// about bytes from a peer that is not a trusted proxy.
//
//   v1   PROXY TCP4 203.0.113.7 192.0.2.1 51234 2101 CR LF                        at most 107 bytes
//   v2   signature (12) | version, command (1) | family (1) | length (2) | addresses | TLVs, skipped

import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './ip-address.ts';

export type BadProxyHeader =
  'bad_line' | 'line_too_long' | 'bad_version' | 'bad_command' | 'bad_addresses' | 'header_too_long';

export type ProxyHeader =
  /** So far it may become one: ask again, from the start, when more has come. */
  | { need: 'more' }
  /** The connection does not start with a header. */
  | { none: true }
  /**
   * The first `bytesUsed` bytes are the header. Without address and port (health checks, UNKNOWN, UNIX sockets) the
   * peer is whoever is connected.
   */
  | { ok: true; address: string | undefined; port: number | undefined; bytesUsed: number }
  | { bad: BadProxyHeader };

const V1_START = Buffer.from('PROXY ');
const V2_SIGNATURE = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const V1_BYTES_MAX = 107;
const V2_FIXED_BYTES = 16;
/** Addresses and TLVs; the largest sent in practice, with a TLS client certificate's name, is a few hundred bytes. */
const V2_LENGTH_MAX = 4096;
const COMMAND_LOCAL = 0;
const COMMAND_PROXY = 1;
const FAMILY_INET = 1;
const FAMILY_INET6 = 2;
const LF = 0x0a;

/** Reads the header at the start of `bytes`, which are all bytes of the connection so far. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader {
  if (agrees(bytes, V2_SIGNATURE))
    return bytes.length < V2_FIXED_BYTES ? { need: 'more' } : parseBinary(bytes);
  if (agrees(bytes, V1_START)) return parseText(bytes);
  return { none: true };
}

function parseText(bytes: Buffer): ProxyHeader {
  const lineEnd = bytes.indexOf(LF);
  if (lineEnd >= V1_BYTES_MAX || (lineEnd < 0 && bytes.length >= V1_BYTES_MAX))
    return { bad: 'line_too_long' };
  if (lineEnd < 0) return { need: 'more' };
  const line = bytes.toString('latin1', 0, lineEnd + 1);
  if (!line.endsWith('\r\n')) return { bad: 'bad_line' };
  const [, family, from, to, fromPort, toPort, surplus] = line.slice(0, -2).split(' ');
  const bytesUsed = lineEnd + 1;
  if (family === 'UNKNOWN') return { ok: true, address: undefined, port: undefined, bytesUsed };
  if ((family !== 'TCP4' && family !== 'TCP6') || surplus !== undefined) return { bad: 'bad_line' };
  const parse = family === 'TCP4' ? parseIpv4 : parseIpv6;
  const address = parse(from ?? '');
  const port = parsePort(fromPort);
  if (
    address === undefined ||
    port === undefined ||
    parse(to ?? '') === undefined ||
    parsePort(toPort) === undefined
  ) {
    return { bad: 'bad_addresses' };
  }
  return {
    ok: true,
    address: family === 'TCP4' ? formatIpv4(address) : formatIpv6(address),
    port,
    bytesUsed,
  };
}

function parseBinary(bytes: Buffer): ProxyHeader {
  const versionAndCommand = bytes[12]!;
  if (versionAndCommand >> 4 !== 2) return { bad: 'bad_version' };
  const command = versionAndCommand & 0x0f;
  if (command !== COMMAND_LOCAL && command !== COMMAND_PROXY) return { bad: 'bad_command' };
  const family = bytes[13]! >> 4;
  const length = bytes.readUInt16BE(14);
  if (length > V2_LENGTH_MAX) return { bad: 'header_too_long' };
  const bytesUsed = V2_FIXED_BYTES + length;
  if (bytes.length < bytesUsed) return { need: 'more' };
  if (command === COMMAND_LOCAL || (family !== FAMILY_INET && family !== FAMILY_INET6)) {
    return { ok: true, address: undefined, port: undefined, bytesUsed };
  }
  const addressBytes = family === FAMILY_INET ? 4 : 16;
  if (length < 2 * addressBytes + 4) return { bad: 'bad_addresses' };
  const from = bytes.subarray(V2_FIXED_BYTES, V2_FIXED_BYTES + addressBytes);
  return {
    ok: true,
    address: family === FAMILY_INET ? formatIpv4(from) : formatIpv6(from),
    port: bytes.readUInt16BE(V2_FIXED_BYTES + 2 * addressBytes),
    bytesUsed,
  };
}

/** Whether `bytes` starts with `start`, or is the beginning of it. */
function agrees(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
}

function parsePort(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:0|[1-9]\d{0,4})$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65_535 ? port : undefined;
}
