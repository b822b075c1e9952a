// What a peer asks of the caster, as a closed union. Pure data: the parser makes it, the connection acts on it.
// It must never hold more of the wire than a decision needs; in particular not the raw head with its passwords.

import { MOUNTPOINT_NAME_LENGTH_MAX } from '../../config/limits.ts';

/** Decides the family of the reply (`ICY`, `SOURCETABLE`, `ERROR -` or HTTP); never the HTTP version of the request. */
export type NtripVersion = 1 | 2;

export type Credentials =
  | { scheme: 'basic'; username: string; password: string }
  | { scheme: 'none' }
  | { scheme: 'malformed'; detail: string };

/** `GET /MOUNTPOINT`. */
export interface RoverRequest {
  kind: 'rover';
  version: NtripVersion;
  /** Neither an Ntrip-Version header nor an NTRIP agent: a browser or curl. Replies are then plain HTTP/1.1. */
  plainHttp: boolean;
  /** 0 also for HTTP/0.9 style lines. A chunked reply needs 1 (RFC 9112 §6.1); it says nothing about NTRIP. */
  httpMinor: 0 | 1;
  mountpoint: string;
  /** What was asked for as it was sent, with its query but without scheme and host: what a signature may be over. */
  path: string;
  credentials: Credentials;
  userAgent: string;
  /** Value of the Ntrip-GGA header, as sent. */
  ntripGga: string | undefined;
  /** X-Forwarded-For as sent, several lines joined by a comma; the last address was added by the nearest proxy. */
  forwardedFor: string | undefined;
  /** The rover declared that what it sends upstream is chunked. Else its GGA lines are raw. */
  chunkedBody: boolean;
}

/** `GET /`, with or without a filter. */
export interface TableRequest {
  kind: 'sourcetable';
  version: NtripVersion;
  plainHttp: boolean;
  /** What follows the question mark, not decoded; empty without one. */
  query: string;
  credentials: Credentials;
  userAgent: string;
  forwardedFor: string | undefined;
}

/** `SOURCE password MOUNTPOINT` (always version 1), `POST` or `PUT` (always version 2). */
export interface BaseRequest {
  kind: 'base';
  version: NtripVersion;
  method: 'SOURCE' | 'POST' | 'PUT';
  mountpoint: string;
  /** A SOURCE line knows a password only: its username is empty. */
  credentials: Credentials;
  userAgent: string;
  /** STR or Ntrip-STR: the table record the base would like, from its second field on. */
  str: string | undefined;
  chunkedBody: boolean;
  /** The body is declared gzip or deflate, as content or transfer coding. */
  gzip: boolean;
  /** The base waits for `100 Continue` before it sends. */
  expectContinue: boolean;
  /** Undefined where absent or overruled by chunks (RFC 9112 §6.3). */
  contentLength: number | undefined;
  forwardedFor: string | undefined;
}

export type BadReason =
  | 'request_line_too_long'
  | 'line_too_long'
  | 'head_too_large'
  | 'header_too_many'
  | 'bad_request_line'
  | 'bad_header'
  | 'bad_content_length'
  | 'bad_mountpoint_name'
  | 'unknown_method'
  | 'rtsp'
  | 'tls_handshake';

/** Refused before anybody looked at rights. `method` is empty where there was none. */
export interface BadRequest {
  kind: 'bad';
  version: NtripVersion;
  plainHttp: boolean;
  method: string;
  reason: BadReason;
  /** For the log and the reply; never holds a password. */
  detail: string;
}

export type NtripRequest = RoverRequest | TableRequest | BaseRequest | BadRequest;

/**
 * The HTTP status that answers each reason. RTSP gets an ordinary HTTP/1.1 501: BKG's ntripserver takes that (with
 * Ntrip-Version) as "try HTTP", and an RTSP/1.0 reply as a reason to give up.
 */
export const BAD_REQUEST_STATUS: Readonly<Record<BadReason, 400 | 404 | 431 | 501>> = {
  request_line_too_long: 400,
  line_too_long: 431,
  head_too_large: 431,
  header_too_many: 431,
  bad_request_line: 400,
  bad_header: 400,
  bad_content_length: 400,
  bad_mountpoint_name: 404,
  unknown_method: 501,
  rtsp: 501,
  tls_handshake: 400,
};

const MOUNTPOINT_NAME = /^[A-Za-z0-9._-]+$/;

/** Whether `name` can be a mountpoint's. Names are compared with their case (SNIP does; tisyang's caster does not). */
export function isMountpointName(name: string): boolean {
  return name.length <= MOUNTPOINT_NAME_LENGTH_MAX && MOUNTPOINT_NAME.test(name);
}
