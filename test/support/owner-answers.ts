// What the owner asks of the HTTP interface and must get: an answer that is no success is thrown, with its words.

import { type CasterProcess, OWNER_KEY } from './caster-process.ts';

export async function getAsOwner<Answer>(caster: CasterProcess, where: string): Promise<Answer> {
  return await answerOf(caster, where, {});
}

export async function postAsOwner<Answer>(
  caster: CasterProcess,
  where: string,
  body: object,
): Promise<Answer> {
  return await answerOf(caster, where, { method: 'POST', body: JSON.stringify(body) });
}

async function answerOf<Answer>(
  { ready }: CasterProcess,
  where: string,
  init: Pick<RequestInit, 'method' | 'body'>,
): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${OWNER_KEY}`,
    ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const reply = await fetch(`http://127.0.0.1:${ready.http}${where}`, { ...init, headers });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${where} answered ${reply.status}: ${text}`);
  return JSON.parse(text) as Answer;
}
