// Certificates of vehicles through the API, on both databases: who gets one, who does not, and what the audit log says.

import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test, type TestContext } from 'vitest';
import { KEY_ALGORITHMS, makeKeyPair } from '../../../licensing/pki/keys.ts';
import { type ApiUnderTest, good, openApi } from '../../support/api-app.ts';
import { otherSpelling } from '../../support/other-spelling.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import {
  challengeFor,
  enrolled,
  expectRefused,
  type Issued,
  newVin,
  renewalBody,
  requestFor,
  requestPem,
  tokenFor,
  vehicleKey,
} from './vehicle-under-test.ts';

const DAY_MS = 86_400_000;
const stores = useStores();
const clock = { aheadMs: 0 };
let api: ApiUnderTest | undefined;
afterEach(async () => {
  clock.aheadMs = 0;
  await api?.close();
  api = undefined;
});

describe.each(DIALECTS)('on %s', (dialect) => {
  async function open(context: TestContext): Promise<ApiUnderTest> {
    api = await openApi(await stores.open(dialect, context), { now: () => Date.now() + clock.aheadMs });
    return api;
  }

  test.for(KEY_ALGORITHMS)(
    'the factory gets a certificate for a key of %s, once for each key',
    async (algorithm, context) => {
      const under = await open(context);
      const [vin, key] = [newVin(), vehicleKey(algorithm)];
      const made = await enrolled(under, key, vin);
      expect(made).toMatchObject({ vehicleId: vin, state: 'active', algorithm });
      expect(made.serial).toMatch(/^[4-7][0-9a-f]{39}$/);
      const other = newVin();
      const request = await requestFor(under, key, other);
      const asked = under.owner('POST', '/v1/certificates', { vehicleId: other, request });
      await expectRefused(under, asked, 'key_in_use', other);
    },
  );

  test('a key of the role factory has certificates issued and sees nothing', async (context) => {
    const under = await open(context);
    const factory = await under.key('factory');
    const vin = newVin();
    const request = await requestFor(under, vehicleKey('sm2'), vin);
    expect((await factory('POST', '/v1/certificates', { vehicleId: vin, request })).status).toBe(201);
    expect((await factory('GET', '/v1/certificates')).status).toBe(403);
  });

  test('a repeated request with an Idempotency-Key is answered with the same certificate', async (context) => {
    const under = await open(context);
    const vin = newVin();
    const body = { vehicleId: vin, request: await requestFor(under, vehicleKey('sm2'), vin) };
    const header = { 'idempotency-key': vin };
    const first = await good<Issued>(under.owner('POST', '/v1/certificates', body, header));
    const second = await good<Issued>(under.owner('POST', '/v1/certificates', body, header));
    expect(second).toEqual(first);
  });

  test('a proof is good once', async (context) => {
    const under = await open(context);
    const vin = newVin();
    const body = { vehicleId: vin, request: await requestFor(under, vehicleKey('sm2'), vin) };
    await good(under.owner('POST', '/v1/certificates', body));
    await expectRefused(under, under.owner('POST', '/v1/certificates', body), 'challenge_used', vin);
  });

  test('of many copies of one proof at once exactly one is taken', async (context) => {
    const under = await open(context);
    const vin = newVin();
    const body = { vehicleId: vin, request: await requestFor(under, vehicleKey('sm2'), vin) };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => under.owner('POST', '/v1/certificates', body)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  test('a request signed with another key than its own proves nothing', async (context) => {
    const under = await open(context);
    const vin = newVin();
    const [mine, theirs] = [vehicleKey('sm2'), vehicleKey('sm2')];
    const challenge = await challengeFor(under, vin);
    const request = requestPem({ ...theirs, pkcs8: mine.pkcs8, spki: theirs.spki }, vin, challenge);
    await expectRefused(
      under,
      under.owner('POST', '/v1/certificates', { vehicleId: vin, request }),
      'proof_wrong',
      vin,
    );
  });

  test('a challenge of another vehicle, an old one and none are refused each by its own code', async (context) => {
    const under = await open(context);
    const [vin, key] = [newVin(), vehicleKey('sm2')];
    const ask = (request: string) => under.owner('POST', '/v1/certificates', { vehicleId: vin, request });
    const foreign = requestPem(key, vin, await challengeFor(under, newVin()));
    await expectRefused(under, ask(foreign), 'challenge_invalid', vin);
    await expectRefused(under, ask(requestPem(key, vin, '')), 'challenge_invalid', vin);
    const respelled = requestPem(key, vin, otherSpelling(await challengeFor(under, vin)));
    await expectRefused(under, ask(respelled), 'challenge_invalid', vin);
    const late = await requestFor(under, key, vin);
    clock.aheadMs = 301_000;
    await expectRefused(under, ask(late), 'challenge_expired', vin);
  });

  test('a request for another vehicle than is asked for is refused', async (context) => {
    const under = await open(context);
    const [vin, other] = [newVin(), newVin()];
    const request = await requestFor(under, vehicleKey('sm2'), other);
    const asked = under.owner('POST', '/v1/certificates', { vehicleId: vin, request });
    await expectRefused(under, asked, 'vehicle_id_mismatch', vin);
  });

  test('a key that is too short and a request that is none are refused each by its own code', async (context) => {
    const under = await open(context);
    const vin = newVin();
    const ask = (request: string) => under.owner('POST', '/v1/certificates', { vehicleId: vin, request });
    await expectRefused(under, ask(await requestFor(under, makeKeyPair('rsa', 1024), vin)), 'key_weak', vin);
    await expectRefused(under, ask('hello'), 'request_malformed', vin);
  });

  test('an enrolment token is good for one vehicle, one key and its time', async (context) => {
    const under = await open(context);
    const [vin, key] = [newVin(), vehicleKey('sm2')];
    const token = await tokenFor(under, vin);
    const ask = async (as: typeof key, withToken: string, id = vin) => {
      const request = await requestFor(under, as, id);
      return await under.nobody('POST', '/v1/enrolments', { vehicleId: id, request, token: withToken });
    };
    const other = newVin();
    await expectRefused(under, ask(key, token, other), 'vehicle_id_mismatch', other);
    await expectRefused(under, ask(key, 'ent1.guess'), 'enrolment_token_invalid', vin);
    // A stranger is told that before anything costly is done for him.
    const guessed = { vehicleId: vin, token: 'ent1.guess', request: 'no request at all' };
    const refused = under.nobody('POST', '/v1/enrolments', guessed);
    await expectRefused(under, refused, 'enrolment_token_invalid', vin);
    const first = await good<Issued>(ask(key, token));
    await expectRefused(under, ask(vehicleKey('sm2'), token), 'enrolment_token_used', vin);
    // The answer was lost: the same key gets the same certificate.
    expect(await good<Issued>(ask(key, token))).toMatchObject({ id: first.id, serial: first.serial });
    const late = await tokenFor(under, vin, 1);
    clock.aheadMs = 2000;
    await expectRefused(under, ask(vehicleKey('sm2'), late), 'enrolment_token_expired', vin);
  });

  test('no token and no secret of an authority is in the store in clear, nor in the log', async (context) => {
    const under = await open(context);
    const vin = newVin();
    const token = await tokenFor(under, vin);
    await enrolled(under, vehicleKey('sm2'), vin);
    const rows = await under.store.db.selectFrom('certificate_authorities').selectAll().execute();
    expect(rows.map(({ issuing_key_sealed }) => issuing_key_sealed.slice(0, 3))).toEqual(['s1.']);
    const kept = await under.store.db.selectFrom('enrolment_tokens').select('token_hash').execute();
    expect(kept).toContainEqual({ token_hash: createHash('sha256').update(token).digest('hex') });
    expect(JSON.stringify(under.memory.lines())).not.toContain(token);
  });

  test('a renewal by the old key is taken, with another key too, and the old one ends a day later', async (context) => {
    const under = await open(context);
    const [vin, oldKey, newKey] = [newVin(), vehicleKey('sm2'), vehicleKey('rsa')];
    const old = await enrolled(under, oldKey, vin);
    const body = renewalBody(oldKey, await requestFor(under, newKey, vin));
    const next = await good<Issued>(under.nobody('POST', `/v1/certificates/${old.id}/renew`, body));
    expect(next).toMatchObject({ replaces: old.id, state: 'active', algorithm: 'rsa' });
    const shown = () => good<Issued>(under.owner('GET', `/v1/certificates/${old.id}`));
    expect((await shown()).state).toBe('superseded');
    clock.aheadMs = DAY_MS + 1000;
    expect((await shown()).state).toBe('revoked');
  });

  test('a renewal whose proof is written otherwise than an encoder writes it is refused', async (context) => {
    const under = await open(context);
    const [vin, key] = [newVin(), vehicleKey('rsa')];
    const old = await enrolled(under, key, vin);
    const body = renewalBody(key, await requestFor(under, key, vin));
    const respelled = { ...body, proof: otherSpelling(body.proof) };
    const answer = await under.nobody('POST', `/v1/certificates/${old.id}/renew`, respelled);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_body' } });
  });

  test('a renewal by a foreign key, of a revoked or of a long expired certificate is refused', async (context) => {
    const under = await open(context);
    const [vin, key] = [newVin(), vehicleKey('sm2')];
    const old = await enrolled(under, key, vin);
    const renew = async (as: typeof key) => {
      const body = renewalBody(as, await requestFor(under, key, vin));
      return await under.nobody('POST', `/v1/certificates/${old.id}/renew`, body);
    };
    await expectRefused(under, renew(vehicleKey('sm2')), 'proof_wrong', old.id);
    clock.aheadMs = 111 * DAY_MS;
    await expectRefused(under, renew(key), 'certificate_expired', old.id);
    // Within the grace after its end: a car that slept.
    clock.aheadMs = 105 * DAY_MS;
    const next = await good<Issued>(renew(key));
    await good(under.owner('POST', `/v1/certificates/${next.id}/revoke`, { reason: 'keyCompromise' }));
    const body = renewalBody(key, await requestFor(under, key, vin));
    const asked = under.nobody('POST', `/v1/certificates/${next.id}/renew`, body);
    await expectRefused(under, asked, 'certificate_revoked', next.id);
  });

  test('a certificate is revoked once, and a compromised key is never taken again', async (context) => {
    const under = await open(context);
    const [vin, key] = [newVin(), vehicleKey('sm2')];
    const { id } = await enrolled(under, key, vin);
    const revoke = () => under.owner('POST', `/v1/certificates/${id}/revoke`, { reason: 'keyCompromise' });
    expect(await good(revoke())).toMatchObject({ state: 'revoked', revokedReason: 'keyCompromise' });
    expect((await revoke()).body).toMatchObject({ code: 'certificate_already_revoked' });
    const request = await requestFor(under, key, vin);
    const asked = under.owner('POST', '/v1/certificates', { vehicleId: vin, request });
    await expectRefused(under, asked, 'key_in_use', vin);
  });

  test('a customer sees and revokes only its own vehicles’ certificates', async (context) => {
    const under = await open(context);
    const [mine, other] = [await under.customer(), await under.customer()];
    const [vin, key] = [newVin(), vehicleKey('sm2')];
    const body = { vehicleId: vin, request: await requestFor(under, key, vin) };
    const made = await good<Issued>(mine.ask('POST', '/v1/certificates', body));
    expect((await mine.ask('GET', `/v1/vehicles/${vin}`)).status).toBe(200);
    expect((await other.ask('GET', `/v1/vehicles/${vin}`)).status).toBe(404);
    expect((await other.ask('POST', `/v1/certificates/${made.id}/revoke`, {})).status).toBe(404);
    const again = { vehicleId: vin, request: await requestFor(under, vehicleKey('sm2'), vin) };
    await expectRefused(under, other.ask('POST', '/v1/certificates', again), 'vehicle_taken', vin);
  });
});
