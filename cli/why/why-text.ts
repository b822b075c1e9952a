// What was found of somebody who cannot connect, for people.

import { harmless, tint } from '../terminal.ts';
import { counted, duration } from '../units.ts';
import type { Findings, KnownAccount, Refused, RunningSession } from './look-up.ts';

/** What goes wrong with an account that is in such a state, and what to do. */
const STATES: Readonly<Record<string, string>> = {
  suspended: 'it is suspended: reinstate it',
  expired: 'it has run out: renew it',
  not_activated: 'it is not activated: that happens as its app’s activation says',
};

export function whyText(user: string, { refusals, accounts, sessions }: Findings, nowMs: number): string {
  const blocks = [
    ...sessions.map((session) => sessionText(session, nowMs)),
    ...accounts.map((account) => accountText(account, nowMs)),
    ...refusals.map((refusal) => refusalText(refusal, nowMs)),
  ];
  if (refusals.length === 0) {
    const what = `nobody was refused lately as ${harmless(user)}`;
    blocks.push(
      accounts.length + sessions.length > 0
        ? what
        : `${what}, and no account has this name: it may not have come as far as this caster; check host, port and network`,
    );
  }
  return blocks.join('\n');
}

function sessionText({ id, mountpoint, address, startedAt }: RunningSession, nowMs: number): string {
  return `${tint('good', 'connected')} to ${harmless(mountpoint)} from ${harmless(address)} since ${ago(startedAt, nowMs)} (${id})`;
}

function accountText({ id, username, state, validUntil, lastLoginAt }: KnownAccount, nowMs: number): string {
  const facts = [
    STATES[state] ?? 'it is usable',
    ...(validUntil === null ? [] : [`valid until ${validUntil}`]),
    lastLoginAt === null ? 'it never logged in' : `last login ${ago(lastLoginAt, nowMs)}`,
  ];
  const tone = state === 'usable' ? 'good' : 'bad';
  return `account ${tint(tone, harmless(username))} (${id}): ${facts.join('; ')}`;
}

function refusalText(refusal: Refused, nowMs: number): string {
  const { reason, step, meaning, fix, detail, count, lastAt, username, address, mountpoint, role } = refusal;
  const where = mountpoint === '' ? '' : ` at ${harmless(mountpoint)}`;
  const lines = [
    `${tint('bad', reason)}: ${harmless(meaning)}`,
    `  ${counted(count, 'time')}, last ${ago(lastAt, nowMs)}, as ${role} ${harmless(username)} from ${harmless(address)}${where} (step ${step})`,
    ...(detail === null ? [] : [`  ${harmless(detail)}`]),
    ...(fix === '' ? [] : [`  what to do: ${harmless(fix)}`]),
  ];
  return lines.join('\n');
}

function ago(time: string, nowMs: number): string {
  return `${duration(Math.max(0, nowMs - Date.parse(time)))} ago`;
}
