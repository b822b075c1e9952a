// What a caster's refusal means and what to do about it: the words of the caster, whatever it runs, turned into a
// stable code and advice. The caster's own words are always told; they are the only ones that know.

import { parseSourcetable } from '../../caster/ntrip/sourcetable.ts';
import { type Failure, type FailureCode } from '../failure.ts';
import { harmless } from '../terminal.ts';
import { type ReplyHead, type RequestRole } from './reply-reader.ts';
import { type NtripTarget, shownTarget } from './target.ts';

interface Advice {
  readonly code: FailureCode;
  readonly message: string;
  readonly fix: string;
}

const NAMES_SHOWN_MAX = 8;
const WORDS_SHOWN_MAX = 300;

/** The failure that a refusal is; `body` is what came with it. */
export function refusalFailure(
  head: ReplyHead,
  body: string,
  target: NtripTarget,
  role: RequestRole,
): Failure {
  const { code, message, fix } = adviceFor(head, target, role);
  const words = wordsOf(head, body);
  return { code, message: `${message}; the caster says: ${words}`, fix };
}

/** A sourcetable in place of a stream: the caster does not know the mountpoint (NTRIP 1.0). */
export function tableFailure(table: Buffer, target: NtripTarget): Failure {
  const names = parseSourcetable(table).streams.map((stream) => stream.mountpoint);
  const near = names.filter((name) => name.toLowerCase() === target.mountpoint.toLowerCase());
  const isListed = names.includes(target.mountpoint);
  const shown = (near.length > 0 ? near : names).slice(0, NAMES_SHOWN_MAX).map(harmless).join(', ');
  const more = names.length > NAMES_SHOWN_MAX ? `, … (${names.length})` : '';
  return {
    code: 'mountpoint_unknown',
    message: isListed
      ? `the caster lists ${target.mountpoint} and still answers with its sourcetable`
      : `the caster has no mountpoint ${target.mountpoint}; it has ${shown === '' ? 'none' : shown + more}`,
    fix: isListed
      ? 'its base may be away just now, or the account may not use this mountpoint: try again, then ask the operator'
      : 'check the name (upper and lower case differ); `rovercast sourcetable` lists them',
  };
}

/** Something answers, and it is no caster. */
export function unknownReplyFailure(head: ReplyHead, target: NtripTarget): Failure {
  const where = `${target.host}:${target.port}`;
  const isWeb = head.protocol === 'HTTP';
  const said = head.statusLine === '' ? 'bytes that are no text' : `"${harmless(head.statusLine)}"`;
  return {
    code: 'not_a_caster',
    message: isWeb ? `a web server answers at ${where}` : `${where} answers with ${said}`,
    fix: target.tls
      ? 'check the port: NTRIP over TLS mostly is on 2102 or 443'
      : 'check the port: NTRIP mostly is on 2101; an encrypted port needs --tls',
  };
}

function adviceFor(head: ReplyHead, target: NtripTarget, role: RequestRole): Advice {
  if (head.protocol === 'SOURCE') return adviceForWords(head.statusLine, target);
  switch (head.status) {
    case 401:
      return loginRefused(target, role);
    case 403:
      return {
        code: 'access_forbidden',
        message: `the caster forbids ${shownTarget(target)}`,
        fix: 'ask the operator whether this account, address or program is barred from the mountpoint',
      };
    case 404:
      if (role === 'table') {
        return {
          code: 'not_a_caster',
          message: `${target.host}:${target.port} has no sourcetable`,
          fix: 'check the port: NTRIP mostly is on 2101',
        };
      }
      return {
        code: 'mountpoint_unknown',
        message: `the caster has no mountpoint ${target.mountpoint}`,
        fix: 'check the name (upper and lower case differ); `rovercast sourcetable` lists them',
      };
    case 409:
      return mountpointTaken(target);
    case 429:
      return {
        code: 'too_many_requests',
        message: 'the caster wants fewer attempts',
        fix: 'wait a few minutes; many casters bar addresses that come more than once in ten seconds',
      };
    case 503:
      return {
        code: 'caster_busy',
        message: 'the caster is full',
        fix: 'try again later, or ask the operator',
      };
    case 301:
    case 302:
    case 307:
    case 308:
      return {
        code: 'request_refused',
        message: `the caster sends elsewhere, to ${harmless(head.headers.get('location') ?? 'nowhere')}`,
        fix: 'use that address',
      };
    default:
      return {
        code: 'request_refused',
        message: `the caster refuses ${shownTarget(target)} with status ${head.status}`,
        fix: role === 'base' ? 'an old caster may need --version 1' : 'try --version 1, then --version 2',
      };
  }
}

/** `ERROR - …` is all that NTRIP 1.0 has for a base. */
function adviceForWords(line: string, target: NtripTarget): Advice {
  if (/password/i.test(line)) return loginRefused(target, 'base');
  if (/taken|already/i.test(line)) return mountpointTaken(target);
  if (/mount/i.test(line)) {
    return {
      code: 'mountpoint_unknown',
      message: `the caster takes no base for ${target.mountpoint}`,
      fix: 'check the name (upper and lower case differ), and that the operator has set it up for a base',
    };
  }
  return {
    code: 'request_refused',
    message: `the caster refuses ${shownTarget(target)}`,
    fix: 'try --version 2, or ask the operator',
  };
}

function loginRefused(target: NtripTarget, role: RequestRole): Advice {
  const isGiven = target.username !== undefined || target.password !== undefined;
  const fix =
    role === 'base'
      ? "give the mountpoint's source password with --password, and --user where the caster wants one"
      : "give the caster's account with --user and --password: not the login of its website, and case matters";
  return {
    code: 'login_refused',
    message: isGiven
      ? `the caster refuses the username or password for ${target.mountpoint === '' ? 'its table' : target.mountpoint}`
      : `${target.mountpoint} needs a username and password, and none were given`,
    fix,
  };
}

function mountpointTaken(target: NtripTarget): Advice {
  return {
    code: 'mountpoint_taken',
    message: `another base already sends to ${target.mountpoint}, or the name is not open to this one`,
    fix: 'stop the other base, or wait until the caster has noticed that it is gone',
  };
}

/** Status line and body in one line, without markup. */
function wordsOf(head: ReplyHead, body: string): string {
  const text = harmless(
    body.replace(/<(?:style|script|title)\b.*?<\/[^>]*>|<[^>]*>/gis, ' ').replace(/\s+/g, ' '),
  );
  const words = [harmless(head.statusLine), text].filter((part) => part !== '').join(': ');
  return words.length > WORDS_SHOWN_MAX ? `${words.slice(0, WORDS_SHOWN_MAX)}…` : words;
}
