// Certificates given out: to the factory, to who has an enrolment token, and to who has the old one. The office decides;
// here question and answer are carried, and every refusal is told to the audit log and the events.

import type { FastifyInstance } from 'fastify';
import { type Problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { idParams, timeOf } from '../../platform/http/schemas.ts';
import type { Transaction } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { CertificatesTable } from '../../platform/store/tables/pki-tables.ts';
import type { Draft, Given, Refused } from '../pki/certificate-office.ts';
import { CryptoBusy } from '../pki/pki-crypto.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import type { LicensingRoutesPorts } from './ports.ts';
import {
  challengeAsk,
  challengeView,
  issuedView,
  newCertificate,
  newEnrolment,
  renewal,
  viewOfCertificate,
  viewOfIssued,
} from './schemas/certificate.ts';

const TAG = 'certificates';
const KIND = 'certificate';
const CRYPTO_BUSY_RETRY_S = 2;

const PROOF_ERRORS = [
  'request_malformed',
  'key_unsupported',
  'key_weak',
  'proof_wrong',
  'challenge_invalid',
  'challenge_expired',
  'challenge_used',
  'vehicle_id_mismatch',
  'vehicle_taken',
  'key_in_use',
  'crypto_busy',
] as const;

export function certificateIssueRoutes(app: FastifyInstance, ports: LicensingRoutesPorts): void {
  const { office } = ports;

  route(app, {
    method: 'POST',
    path: '/v1/certificate-challenges',
    operationId: 'createCertificateChallenge',
    tag: TAG,
    summary: 'Get the challenge that the next certification request of a vehicle must carry',
    scope: 'public',
    body: challengeAsk,
    response: { 201: challengeView },
    errors: [],
    handle: ({ body }) => {
      const { challenge, expiresAtMs } = office.challenges.make(body.vehicleId, office.now());
      return { status: 201, body: { challenge, expiresAt: timeOf(expiresAtMs) } };
    },
  });

  route(app, {
    method: 'POST',
    path: '/v1/certificates',
    operationId: 'createCertificate',
    tag: TAG,
    summary: 'Have a vehicle’s certificate issued, as its factory',
    description: 'Certificates that the vehicle had before are good no more.',
    scope: 'certificates:issue',
    body: newCertificate,
    response: { 201: issuedView },
    errors: PROOF_ERRORS,
    refusalsAudited: true,
    handle: async ({ actor, body, change, audit, address }) => {
      audit({ target: { kind: 'vehicle', id: body.vehicleId }, customerId: actor.customerId });
      const { customerId } = actor;
      const work = {
        drafted: () => office.enrol(body, { kind: 'factory', customerId }),
        change,
        audit,
        address,
      };
      return await give(ports, body.vehicleId, work);
    },
  });

  route(app, {
    method: 'POST',
    path: '/v1/enrolments',
    operationId: 'enrolVehicle',
    tag: TAG,
    summary: 'Get a vehicle’s certificate for a one-time enrolment token',
    description:
      'The vehicle calls this itself. With the same token and key it gets the same certificate again, in case the answer was lost.',
    scope: 'public',
    audited: true,
    refusalsAudited: true,
    body: newEnrolment,
    response: { 201: issuedView },
    errors: [
      ...PROOF_ERRORS,
      'enrolment_token_invalid',
      'enrolment_token_expired',
      'enrolment_token_used',
      'store_unavailable',
    ],
    handle: async ({ body, change, audit, address }) => {
      audit({ target: { kind: 'vehicle', id: body.vehicleId } });
      const drafted = () => office.enrol(body, { kind: 'token', token: body.token });
      return await give(ports, body.vehicleId, { drafted, change, audit, address });
    },
  });

  route(app, {
    method: 'POST',
    path: '/v1/certificates/{id}/renew',
    operationId: 'renewCertificate',
    tag: TAG,
    summary: 'Get the next certificate by proof with the old one’s key',
    description:
      'The vehicle calls this itself, with the same key or a new one. The old certificate is good for a day yet.',
    scope: 'public',
    audited: true,
    refusalsAudited: true,
    params: idParams,
    body: renewal,
    response: { 201: issuedView },
    errors: [
      ...PROOF_ERRORS,
      'certificate_not_found',
      'certificate_revoked',
      'certificate_expired',
      'store_unavailable',
    ],
    handle: async ({ params: { id }, body, change, audit, address }) => {
      audit({ target: { kind: KIND, id } });
      const proof = Buffer.from(body.proof, 'base64url');
      const drafted = () => office.renew(id, body.request, proof);
      return await give(ports, undefined, { drafted, change, audit, address });
    },
  });
}

interface Issued {
  readonly status: 201;
  readonly body: ReturnType<typeof viewOfIssued>;
}

interface IssueWork {
  readonly drafted: () => Promise<Draft | Refused>;
  readonly change: <Answered extends Issued | Problem>(
    body: (tx: Transaction<Tables>) => Promise<Answered>,
  ) => Promise<Answered>;
  readonly audit: (note: {
    readonly target: { readonly kind: string; readonly id: string };
    readonly customerId?: string | null;
    readonly after?: unknown;
  }) => void;
  readonly address: string;
}

async function give(
  { office, journal }: LicensingRoutesPorts,
  vehicleId: string | undefined,
  { drafted, change, audit, address }: IssueWork,
): Promise<Issued | Problem> {
  const refuse = ({ reason, detail }: Refused): Problem => {
    journal.recordSampled(address, 'warn', 'certificate_refused', { reason, vehicle: vehicleId, address });
    return licensingProblem(reason, detail === undefined ? {} : { detail });
  };
  let draft: Draft | Refused;
  try {
    draft = await drafted();
  } catch (error) {
    if (!(error instanceof CryptoBusy)) throw error;
    return licensingProblem('crypto_busy', {}, CRYPTO_BUSY_RETRY_S);
  }
  if (!draft.ok) return refuse(draft);
  const { record } = draft;
  const authority = await office.authorities.of(draft.algorithm);
  const outcome: { given?: Given; refused?: Refused } = {};
  const answer = await change(async (tx) => {
    const recorded = await record(tx);
    if (!recorded.ok) {
      outcome.refused = recorded;
      return licensingProblem(recorded.reason);
    }
    const { row } = recorded;
    outcome.given = recorded;
    audit({
      target: { kind: KIND, id: row.id },
      customerId: row.customer_id,
      after: viewOfCertificate(row, office.now()),
    });
    return { status: 201, body: viewOfIssued(row, office.now(), authority) };
  });
  if ('problem' in answer) return outcome.refused === undefined ? answer : refuse(outcome.refused);
  if (outcome.given !== undefined) {
    office.tell(outcome.given);
    tellEvent(journal, outcome.given.row, address);
  }
  return answer;
}

function tellEvent(journal: LicensingRoutesPorts['journal'], row: CertificatesTable, address: string): void {
  journal.record('info', 'certificate_issued', {
    certificate: row.id,
    vehicle: row.vehicle_id,
    algorithm: row.algorithm,
    serial: row.serial,
    replaces: row.replaces ?? undefined,
    address,
  });
}
