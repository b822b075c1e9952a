// Why a caster could not be reached, from the errors of Node's sockets: which address, and what to do.

import { errorCode, errorText, type Failure } from '../failure.ts';
import { type NtripTarget } from './target.ts';

/** A failure before the caster said anything. */
export function connectionFailure(error: unknown, target: NtripTarget): Failure {
  const where = `${target.host}:${target.port}`;
  const code = errorCode(error);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return {
        code: 'address_unknown',
        message: `the name ${target.host} cannot be resolved`,
        fix: 'check the spelling, and whether this machine has a network and DNS',
      };
    case 'ECONNREFUSED':
      return {
        code: 'connection_refused',
        message: `nothing listens at ${where}`,
        fix: 'check the port (NTRIP mostly is on 2101), and that the caster runs',
      };
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return {
        code: 'connection_timeout',
        message: `${where} cannot be reached (${code})`,
        fix: 'check address, network and firewall',
      };
    case 'ECONNRESET':
    case 'EPIPE':
      return closedWithoutReply(target);
  }
  if (isCertificateError(code)) {
    return {
      code: 'tls_untrusted',
      message: `the certificate of ${where} is not trusted: ${errorText(error)}`,
      fix: 'use the name that the certificate is for; --insecure takes any certificate, for a test',
    };
  }
  if (isTlsError(code)) {
    return {
      code: 'tls_failed',
      message: `no TLS connection with ${where}: ${errorText(error)}`,
      fix: 'check that this port is the encrypted one (mostly 2102 or 443)',
    };
  }
  return {
    code: 'connection_failed',
    message: `no connection with ${where}: ${errorText(error)}`,
    fix: 'check address and network',
  };
}

/** Nothing came within the time. `step` is what was waited for. */
export function timeoutFailure(step: 'connect' | 'reply', target: NtripTarget, afterMs: number): Failure {
  const where = `${target.host}:${target.port}`;
  const seconds = Math.round(afterMs / 1000);
  return step === 'connect'
    ? {
        code: 'connection_timeout',
        message: `${where} does not answer within ${seconds} s`,
        fix: 'check address, network and firewall',
      }
    : {
        code: 'no_reply',
        message: `${where} takes the connection and says nothing for ${seconds} s`,
        fix: target.tls
          ? 'check the port; an old caster may need --version 1'
          : 'check the port (an encrypted one needs --tls); an old caster may need --version 1',
      };
}

export function closedWithoutReply(target: NtripTarget): Failure {
  return {
    code: 'closed_without_reply',
    message: `${target.host}:${target.port} closes the connection without a word`,
    fix: target.tls
      ? 'this address may be barred, or an old caster may need --version 1'
      : 'the port may be an encrypted one (--tls), this address may be barred, or an old caster may need --version 1',
  };
}

function isCertificateError(code: string): boolean {
  return (
    /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(?:GET|VERIFY)_)/.test(code) ||
    code === 'ERR_TLS_CERT_ALTNAME_INVALID'
  );
}

function isTlsError(code: string): boolean {
  return /^(?:ERR_SSL_|ERR_TLS_|EPROTO$)/.test(code);
}
