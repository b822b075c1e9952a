// Over-the-air updates, for vehicles: the root that they pin, the question where their line is down, and the files of
// their repositories by addresses that are good for one vehicle, for an hour, and as long as the right is in force.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import { addressOf } from '../../platform/http/peer-address.ts';
import { type Problem, problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { readBase64url } from '../../platform/secrets/base64url.ts';
import { wantedRange } from '../ota/byte-range.ts';
import { packageFetch } from '../ota/documents.ts';
import { DownloadSlots } from '../ota/download-slots.ts';
import type { OtaRequestsTable } from '../../platform/store/tables/ota-tables.ts';
import { URL_REFUSALS } from '../ota/ota-desk.ts';
import type { OpenContent } from '../ota/package-files.ts';
import { DOCUMENT_REFUSALS, readVehicleDocument } from '../ota/vehicle-documents.ts';
import { CryptoBusy } from '../pki/pki-crypto.ts';
import { type LicensingErrorCode, licensingProblem } from './licensing-error-codes.ts';
import type { OtaRoutesPorts } from './ota-ports.ts';
import { offerView, repositoryFileParams, signedBody } from './schemas/ota.ts';

const TAG = 'ota';
const BUSY_RETRY_S = 10;
const CRYPTO_BUSY_RETRY_S = 2;
/** A document of a few hundred bytes. */
const PROOF_LENGTH_MAX = 8000;

const URL_ERRORS = [...URL_REFUSALS, 'ota_file_not_found', 'store_unavailable'] as const;
const DOCUMENT_ERRORS = [...DOCUMENT_REFUSALS, 'crypto_busy'] as const;

export function otaRoutes(app: FastifyInstance, ports: OtaRoutesPorts): void {
  const { ota, journal } = ports;
  const slots = new DownloadSlots(ports.downloadsMax);
  const { desk, packages } = ota;

  route(app, {
    method: 'GET',
    path: '/v1/ota/root.json',
    operationId: 'getOtaRoot',
    tag: TAG,
    summary: 'Get the newest root metadata, to be pinned when a vehicle is enrolled',
    scope: 'public',
    response: {},
    file: { contentType: 'application/json', description: 'Root metadata (TUF)' },
    errors: ['store_unavailable'],
    handle: async () => {
      const body = (await desk.rootFile(0))!;
      return { file: { name: 'root.json', content: Readable.from([Buffer.from(body)]) } };
    },
  });

  route(app, {
    method: 'POST',
    path: '/v1/ota/requests',
    operationId: 'askForPackage',
    tag: TAG,
    summary: 'Ask for a package as a vehicle whose MQTT line is down',
    description: 'The same signed JSON as on the topic up/ota, and the answer that down/ota would have.',
    scope: 'public',
    body: signedBody,
    response: { 200: offerView },
    errors: [...DOCUMENT_ERRORS, 'store_unavailable'],
    handle: ({ request }) =>
      unlessBusy(async () => {
        const asked = await ota.ask(request.rawBody ?? Buffer.alloc(0));
        if (asked.ok) return { status: 200, body: JSON.parse(asked.answer) as z.input<typeof offerView> };
        if (asked.reason === 'too_many_requests') {
          const { reason, vehicleId: vehicle, retryAfterS } = asked;
          journal.recordSampled(vehicle, 'warn', 'ota_refused', {
            ...{ reason, vehicle, address: addressOf(request) },
          });
          return problem(reason, {}, retryAfterS);
        }
        return await refused(request, asked.reason, undefined, asked.detail);
      }),
  });

  route(app, {
    method: 'GET',
    path: '/v1/ota/repositories/{token}/metadata/{file}',
    operationId: 'getOtaMetadata',
    tag: TAG,
    summary: 'Get a file of a vehicle’s metadata',
    description:
      'N.root.json, timestamp.json, N.snapshot.json and N.targets.json, as a TUF client asks for them.',
    scope: 'public',
    params: repositoryFileParams,
    response: {},
    file: { contentType: 'application/json', description: 'Metadata (TUF)' },
    errors: URL_ERRORS,
    handle: async ({ params: { token, file }, request }) => {
      const checked = await desk.check(token);
      if (!checked.ok) return await refused(request, checked.reason, checked.vehicleId);
      const body = await desk.metadata(checked.request.vehicle_id, file);
      if (body === undefined) return licensingProblem('ota_file_not_found');
      return { file: { name: file, content: Readable.from([Buffer.from(body)]) } };
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/ota/repositories/{token}/targets/{file}',
    operationId: 'getOtaTarget',
    tag: TAG,
    summary: 'Download a package, or a part of it',
    description:
      'Takes Range and If-Range. The header vehicle-proof carries, as base64url, {v:1, typ:"package_fetch", certID, vin, at, token, sig} signed by the vehicle’s key.',
    scope: 'public',
    params: repositoryFileParams,
    response: {},
    file: { contentType: 'application/octet-stream', description: 'The content of the package' },
    answersHead: true,
    errors: [
      ...URL_ERRORS,
      ...DOCUMENT_ERRORS,
      'vehicle_proof_missing',
      'ota_url_other_vehicle',
      'range_not_satisfiable',
      'package_content_missing',
      'package_content_damaged',
      'ota_busy',
    ],
    handle: ({ params: { token, file }, request, reply }) =>
      unlessBusy(async () => {
        const checked = await desk.check(token);
        if (!checked.ok) return await refused(request, checked.reason, checked.vehicleId);
        const { packageRow } = checked;
        const unproved = await whyNotProved(request, token, checked.request);
        if (unproved !== undefined) return await refused(request, unproved, checked.request.vehicle_id);
        if (file !== `${packageRow.sha256}.${packageRow.id}`) return licensingProblem('ota_file_not_found');
        const release = slots.take(checked.request.vehicle_id);
        if (release === undefined) return licensingProblem('ota_busy', {}, BUSY_RETRY_S);
        let isSending = false;
        try {
          const content = await packages.open(packageRow.sha256!, packageRow.length!);
          if (typeof content === 'string') {
            const reason = content === 'missing' ? 'package_content_missing' : 'package_content_damaged';
            journal.record('error', 'package_lost', { package: packageRow.id, reason });
            return licensingProblem(reason);
          }
          const answer = send(request, reply, content, packageRow.sha256!, {
            request: checked.request,
            release,
          });
          // Whoever went meanwhile is told nothing of it any more.
          isSending = 'streaming' in answer && request.method !== 'HEAD' && !reply.raw.destroyed;
          return answer;
        } finally {
          if (!isSending) release();
        }
      }),
  });

  function send(
    request: FastifyRequest,
    reply: FastifyReply,
    content: OpenContent,
    sha256: string,
    asked: { readonly request: OtaRequestsTable; readonly release: () => void },
  ) {
    const { length } = content;
    const etag = `"${sha256}"`;
    const { range, 'if-range': ifRange } = request.headers;
    const wanted = wantedRange({ range, ifRange: ifRange?.toString() }, length, etag);
    reply.header('etag', etag).header('accept-ranges', 'bytes');
    if (wanted.kind === 'outside') {
      reply.header('content-range', `bytes */${length}`);
      return licensingProblem('range_not_satisfiable', { param: 'Range' });
    }
    const { start, end } = wanted.kind === 'whole' ? { start: 0, end: length - 1 } : wanted;
    if (wanted.kind === 'part') reply.header('content-range', `bytes ${start}-${end}/${length}`);
    reply
      .header('content-length', end - start + 1)
      .type('application/octet-stream')
      .hijack();
    const response = reply.raw.writeHead(wanted.kind === 'part' ? 206 : 200, headersOf(reply));
    // Whoever is gone already closes nothing any more.
    if (request.method === 'HEAD' || response.destroyed) {
      response.end();
      return { streaming: true } as const;
    }
    const stream = content.read(start, end);
    response.once('close', () => {
      asked.release();
      stream.destroy();
      const { id, vehicle_id: vehicle, package_id: sent } = asked.request;
      const isComplete = response.writableFinished && end === length - 1;
      journal.recordSampled(vehicle, 'info', 'package_sent', {
        ...{ vehicle, package: sent ?? '', request: id, bytes: stream.bytesRead, isComplete },
      });
      if (!isComplete) return;
      desk.noteDownloaded(id).catch((error: unknown) => {
        journal.record('warn', 'download_not_noted', { request: id, error: String(error) });
      });
    });
    stream.once('error', () => response.destroy());
    // Reads no faster than the vehicle takes it.
    stream.pipe(response);
    return { streaming: true } as const;
  }

  /** Undefined where the sender has the key of the vehicle that the address is for. */
  async function whyNotProved(
    request: FastifyRequest,
    token: string,
    { vehicle_id: vehicleId }: OtaRequestsTable,
  ): Promise<LicensingErrorCode | undefined> {
    const header = request.headers['vehicle-proof'];
    const proof =
      typeof header === 'string' && header.length <= PROOF_LENGTH_MAX ? readBase64url(header) : undefined;
    if (proof === undefined || proof.length === 0) return 'vehicle_proof_missing';
    const read = await readVehicleDocument(ota.reader, proof, packageFetch);
    if (!read.ok) return read.reason;
    const isMine = read.certificate.vehicle_id === vehicleId && read.document.token === token;
    return isMine ? undefined : 'ota_url_other_vehicle';
  }

  /** Every attempt that is refused is told to the events and the audit log. */
  async function refused(
    request: FastifyRequest,
    reason: LicensingErrorCode,
    vehicleId: string | undefined,
    detail?: string,
  ): Promise<Problem> {
    const address = addressOf(request);
    const answer = licensingProblem(reason, detail === undefined ? {} : { detail });
    journal.recordSampled(address, 'warn', 'ota_refused', { reason, vehicle: vehicleId, address });
    const spec = { method: 'GET', scope: 'public', audited: true, refusalsAudited: true, tag: TAG } as const;
    const target = { kind: 'vehicle', id: vehicleId ?? '' };
    await app.api.audit.refused(
      { ...spec, operationId: request.method === 'POST' ? 'askForPackage' : 'getOtaFile' },
      request,
      answer,
      [{ target }],
    );
    return answer;
  }
}

function headersOf(reply: FastifyReply): Record<string, string | number | string[]> {
  const all = Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined);
  return Object.fromEntries(all) as Record<string, string | number | string[]>;
}

async function unlessBusy<Answer>(work: () => Promise<Answer>): Promise<Answer | Problem> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CryptoBusy)) throw error;
    return licensingProblem('crypto_busy', {}, CRYPTO_BUSY_RETRY_S);
  }
}
