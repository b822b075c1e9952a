// Packages as tests make them: through the API, with content of their own.

import type { Readable } from 'node:stream';
import { type ApiAnswer, type ApiUnderTest, type Ask, good } from '../../support/api-app.ts';

export async function newPackageOf(ask: Ask, facts: object = {}): Promise<{ readonly id: string }> {
  return await good(ask('POST', '/v1/packages', { partNumber: 'adas.lane', version: '1.4.0', ...facts }));
}

/** As the owner of the caster. */
export async function putContent(
  { app, ownerKey }: ApiUnderTest,
  id: string,
  content: Buffer | Readable,
  query = '',
): Promise<ApiAnswer> {
  const answer = await app.inject({
    method: 'PUT',
    url: `/v1/packages/${id}/content${query}`,
    headers: { authorization: `Bearer ${ownerKey}`, 'content-type': 'application/octet-stream' },
    payload: content,
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.json<unknown>(),
    text: answer.body,
  };
}
