// A connection until it is known what it is: reads the request, asks for admission, answers, and hands the socket on.
// Refusals are answered from prebuilt bytes and hold the connection only until they are read.
//
//            bytes             request whole            granted
//   opened ────────▶ reading ───────────────▶ asking ──────────▶ handed on to RoverSession or BaseSession
//     │                 │  bad, sourcetable      │ refused
//     │ handshakeTimeoutMs                       │
//     └────────┬────────┴───────────┬────────────┘
//              ▼                    ▼
//           (destroyed)          closing ── reply read, or REPLY_LINGER_MS ──▶ closed
//
// While asking, nothing is read: what the peer sends ahead stays in its order for whoever gets the socket. Where that
// takes long, a rover is listened to again and what it says is kept: so it is noticed when it hangs up.

import {
  LOGIN_AHEAD_BYTES_MAX,
  LOGIN_UNHEARD_MS,
  REPLY_LINGER_MS,
  REPLY_MS_MAX,
} from '../../config/limits.ts';
import type {
  BaseAdmissionRequest,
  BaseGrant,
  RoverAdmissionRequest,
  RoverGrant,
  RoverPosition,
  TableAdmissionRequest,
  TableGrant,
  Verdict,
} from '../accounts/admission.ts';
import { REFUSAL_REASONS, REFUSAL_REASON_NAMES, type RefusalReason } from '../accounts/refusal-reason.ts';
import { acceptBase, acceptRover, continue100, refuse, sourcetableReply } from '../ntrip/replies.ts';
import {
  BAD_REQUEST_STATUS,
  type BadRequest,
  type BaseRequest,
  type RoverRequest,
  type TableRequest,
} from '../ntrip/request.ts';
import { RequestParser } from '../ntrip/request-parser.ts';
import { GgaReader, parseGga } from '../ntrip/gga.ts';
import { buildSourcetable, type StrRecord } from '../ntrip/sourcetable.ts';
import {
  filterSourcetable,
  parseSourcetableFilter,
  type SourcetableFilter,
} from '../ntrip/sourcetable-filter.ts';
import { shapedRecords } from '../stream/shaped-sourcetable.ts';
import { BaseSession } from './base-session.ts';
import { CLOSE_REASON_NAMES, type CloseReason } from './close-reason.ts';
import type { House } from './house.ts';
import { httpDate } from './http-date.ts';
import { type Peer, type PeerSocket, queuedBytesOf } from './peer-socket.ts';
import { RoverSession } from './rover-session.ts';
import { lastForwardedHop } from './trusted-prefixes.ts';

type State = 'reading' | 'asking' | 'closing';

/** What a question is about, beside what is asked of everybody. */
type Asked =
  | Pick<RoverAdmissionRequest, 'role' | 'path' | 'position'>
  | Pick<BaseAdmissionRequest, 'role'>
  | Pick<TableAdmissionRequest, 'role' | 'isDemanded'>;

/** What the gates in front of the handshake know of a connection. */
export interface Arrival {
  /** Of the peer, or what a trusted proxy's PROXY header said. */
  readonly address: string;
  /** Where X-Forwarded-For may overrule `address`: asks whether one more connection of that address may be. */
  readonly enterForwarded: ((address: string) => boolean) | undefined;
}

export class Handshake implements Peer {
  readonly #house: House;
  readonly #socket: PeerSocket;
  readonly #arrival: Arrival;
  readonly #openedMs: number;
  #parser: RequestParser | undefined = new RequestParser();
  #state: State = 'reading';
  /** The question that was last asked of the main thread. */
  #asked = -1;
  #askedMs = 0;
  #asksForBase = false;
  /** What came while asking; undefined while nothing is read. */
  #ahead: Buffer[] | undefined;
  #aheadBytes = 0;
  /** Of the device, as far as it is known. */
  #address: string;
  #closeReason: CloseReason | undefined;
  #closingSinceMs = 0;
  #answeredMs = 0;
  #replyOut = false;
  #queuedBytes = -1;

  constructor(house: House, socket: PeerSocket, arrival: Arrival) {
    this.#house = house;
    this.#socket = socket;
    this.#arrival = arrival;
    this.#address = arrival.address;
    this.#openedMs = house.clock.nowMs;
  }

  onData(chunk: Buffer): void {
    if (this.#state === 'asking') return this.#keep(chunk);
    if (this.#state !== 'reading' || this.#parser === undefined) return;
    const parsed = this.#parser.push(chunk);
    if (!parsed.done) return;
    this.#parser = undefined;
    const { request, rest } = parsed;
    if (request.kind !== 'bad' && !this.#enterForwarded(request)) return;
    switch (request.kind) {
      case 'bad':
        return this.#refuseBad(request);
      case 'sourcetable':
        return this.#answerTable(request);
      case 'rover':
      case 'base':
        return this.#ask(request, rest);
    }
  }

  onEnd(): void {
    this.#closeReason ??= 'peer_closed';
  }

  onSweep(nowMs: number): void {
    if (this.#state === 'closing') {
      // A long sourcetable to a slow reader takes its time; the linger begins when it is out, or no longer moves.
      const queued = queuedBytesOf(this.#socket);
      const moves = !this.#replyOut && queued !== this.#queuedBytes;
      this.#queuedBytes = queued;
      if (moves) this.#closingSinceMs = nowMs;
      const lingerMs = this.#replyOut ? REPLY_LINGER_MS : this.#house.settings.timing.handshakeTimeoutMs;
      const isOver = nowMs - this.#closingSinceMs >= lingerMs || nowMs - this.#answeredMs >= REPLY_MS_MAX;
      if (isOver) this.#socket.destroy();
    } else if (nowMs - this.#openedMs >= this.#house.settings.timing.handshakeTimeoutMs) {
      this.#closeReason ??= 'handshake_timeout';
      this.#socket.destroy();
    } else if (this.#state === 'asking' && !this.#asksForBase && this.#ahead === undefined) {
      if (nowMs - this.#askedMs < LOGIN_UNHEARD_MS) return;
      this.#ahead = [];
      this.#socket.resume();
    }
  }

  #keep(chunk: Buffer): void {
    this.#ahead?.push(chunk);
    this.#aheadBytes += chunk.length;
    if (this.#aheadBytes >= LOGIN_AHEAD_BYTES_MAX) this.#socket.pause();
  }

  drain(): void {
    if (this.#state !== 'reading') return;
    this.#closeReason ??= 'shutdown';
    this.#socket.destroy();
  }

  onDestroying(): void {
    // Nothing that the kernel could say is of use here.
  }

  onClosed(broken: boolean): void {
    this.#closeReason ??= broken ? 'peer_reset' : 'peer_closed';
    if (this.#state === 'asking') this.#house.withdraw(this.#asked);
    this.#house.connections.remove(this.#socket);
    this.#house.counters.countClosed(CLOSE_REASON_NAMES.indexOf(this.#closeReason));
  }

  /** Takes the address over that a trusted proxy names; false where that address has too many connections already. */
  #enterForwarded(request: RoverRequest | BaseRequest | TableRequest): boolean {
    const { enterForwarded } = this.#arrival;
    if (enterForwarded === undefined) return true;
    this.#address = lastForwardedHop(request.forwardedFor) ?? this.#address;
    if (enterForwarded(this.#address)) return true;
    const reason = 'too_many_connections';
    this.#house.log('warn', 'connection_refused', { address: this.#address, reason });
    this.#countRefused(reason);
    this.#refuse(request, reason, undefined);
    return false;
  }

  #ask(request: RoverRequest | BaseRequest, rest: Buffer): void {
    this.#house.counters.add(request.kind === 'rover' ? 'requestsRover' : 'requestsBase', 1);
    const reason = this.#refuseUnasked(request);
    if (reason !== undefined) {
      this.#house.log('info', 'refused', { role: request.kind, reason, address: this.#address });
      this.#countRefused(reason);
      return this.#refuse(request, reason, undefined);
    }
    const what: Asked =
      request.kind === 'base'
        ? { role: 'base' }
        : { role: 'rover', path: request.path, position: positionOf(request, rest) };
    this.#askVerdict(request, request.mountpoint, what, (verdict) => this.#answer(request, rest, verdict));
  }

  /** What needs no question to the main thread. */
  #refuseUnasked(request: RoverRequest | BaseRequest): RefusalReason | undefined {
    if (request.kind === 'base' && request.gzip) return 'coding_unsupported';
    return this.#house.draining ? 'stopping' : undefined;
  }

  /** Only for what the main thread does not hear of: that counts what it refuses itself. */
  #countRefused(reason: RefusalReason): void {
    this.#house.counters.countRefused(REFUSAL_REASON_NAMES.indexOf(reason));
  }

  #askVerdict(
    request: RoverRequest | BaseRequest | TableRequest,
    mountpoint: string,
    what: Asked,
    answer: (verdict: Verdict) => void,
  ): void {
    this.#state = 'asking';
    this.#askedMs = this.#house.clock.nowMs;
    this.#asksForBase = request.kind === 'base';
    this.#socket.pause();
    const { credentials } = request;
    this.#asked = this.#house.ask(
      {
        ...what,
        version: request.version,
        mountpoint,
        username: credentials.scheme === 'basic' ? credentials.username : '',
        password: credentials.scheme === 'basic' ? credentials.password : '',
        credentials: credentials.scheme,
        address: this.#address,
        userAgent: request.userAgent,
        secure: this.#socket.encrypted === true,
        worker: this.#house.worker,
      },
      answer,
    );
  }

  #answer(request: RoverRequest | BaseRequest, rest: Buffer, verdict: Verdict): void {
    if (!verdict.ok) {
      this.#refuse(request, verdict.reason, verdict.retryAfterS);
    } else if (verdict.role === 'table') {
      throw new Error(`a ${request.kind} was given a grant for the sourcetable`);
    } else if (this.#socket.destroyed || this.#socket.peerIndex < 0) {
      this.#answerNobody(request, rest, verdict);
      return;
    } else if (verdict.role === 'rover' && request.kind === 'rover') {
      const chunked = this.#house.settings.mountpoints.get(verdict.mountpoint)?.chunked ?? false;
      const inChunks = chunked && request.version === 2 && request.httpMinor === 1;
      const head = acceptRover(request.version, {
        plainHttp: request.plainHttp,
        chunked: inChunks,
        date: httpDate(),
      });
      this.#handOn(new RoverSession(this.#house, this.#socket, verdict, request, head, inChunks), rest);
    } else if (verdict.role === 'base' && request.kind === 'base') {
      if (request.expectContinue) this.#socket.write(continue100());
      this.#socket.write(acceptBase(request.version, { date: httpDate() }));
      this.#handOn(new BaseSession(this.#house, this.#socket, verdict, request), rest);
    }
    this.#socket.resume();
  }

  #handOn(session: Peer, rest: Buffer): void {
    this.#socket.peer = session;
    if (this.#house.draining) session.drain();
    if (rest.length > 0) session.onData(rest);
    for (const chunk of this.#ahead ?? []) session.onData(chunk);
  }

  /** The peer went away while its verdict was made. What a base had sent by then is heard; else nothing has begun. */
  #answerNobody(request: RoverRequest | BaseRequest, rest: Buffer, grant: RoverGrant | BaseGrant): void {
    if (grant.role === 'base' && request.kind === 'base') {
      const session = new BaseSession(this.#house, this.#socket, grant, request);
      session.onData(rest);
      session.finish(false);
      return;
    }
    this.#house.reportEnd({
      sessionId: grant.sessionId,
      reason: this.#closeReason ?? 'peer_closed',
      durationMs: 0,
      bytes: 0,
      epochs: 0,
      frames: 0,
      epochsDropped: 0,
      framesDropped: 0,
      unacknowledgedBytes: 0,
    });
  }

  #refuse(
    request: RoverRequest | BaseRequest | TableRequest,
    reason: RefusalReason,
    retryAfterS: number | undefined,
  ): void {
    if (reason === 'unknown_mountpoint' && request.kind === 'rover' && request.version === 1) {
      // NTRIP 1.0: the answer to a mountpoint that is not there is the sourcetable.
      return this.#closeWith(sourcetableReply(1, false, this.#house.directory.text, httpDate()), 'refused');
    }
    const { status, text } = REFUSAL_REASONS[reason];
    const bytes = refuse({
      version: request.version,
      role: request.kind === 'sourcetable' ? 'table' : request.kind,
      plainHttp: request.kind !== 'base' && request.plainHttp,
      status,
      reason,
      detail: text,
      realm: request.kind === 'sourcetable' ? '/' : `/${request.mountpoint}`,
      retryAfterS,
      date: httpDate(),
    });
    this.#closeWith(bytes, 'refused');
  }

  #refuseBad(request: BadRequest): void {
    this.#house.counters.add('requestsBad', 1);
    if (request.reason === 'bad_mountpoint_name' && request.version === 1 && request.method === 'GET') {
      this.#closeWith(sourcetableReply(1, false, this.#house.directory.text, httpDate()), 'refused');
      return;
    }
    this.#house.log('debug', 'request_bad', {
      address: this.#address,
      code: request.reason,
      detail: request.detail,
    });
    const bytes = refuse({
      version: request.version,
      role: request.method === 'SOURCE' ? 'base' : 'rover',
      plainHttp: request.plainHttp,
      status: BAD_REQUEST_STATUS[request.reason],
      reason: request.reason,
      detail: request.detail,
      date: httpDate(),
    });
    this.#closeWith(bytes, 'bad_request');
  }

  #answerTable(request: TableRequest): void {
    this.#house.counters.add('requestsSourcetable', 1);
    const parsed = parseSourcetableFilter(request.query);
    if (!parsed.ok) {
      const detail = `the filter, in field ${parsed.field}, at character ${parsed.at}`;
      const { version, plainHttp } = request;
      const facts = { version, plainHttp, role: 'table', status: 400, reason: parsed.reason } as const;
      this.#closeWith(refuse({ ...facts, detail, date: httpDate() }), 'bad_request');
    } else if (parsed.filter.auth || this.#mayHaveShape(request)) {
      const { filter } = parsed;
      const what: Asked = { role: 'table', isDemanded: filter.auth };
      this.#askVerdict(request, '', what, (verdict) => {
        if (verdict.ok && verdict.role === 'table') this.#sendTable(request, filter, verdict);
        else if (!verdict.ok && filter.auth) this.#refuse(request, verdict.reason, verdict.retryAfterS);
        else this.#sendTable(request, filter, undefined);
        this.#socket.resume();
      });
    } else {
      this.#sendTable(request, parsed.filter, undefined);
    }
  }

  /** Who says who he is sees what he would get. While the caster stops nobody is asked any more. */
  #mayHaveShape({ credentials }: TableRequest): boolean {
    return credentials.scheme === 'basic' && !this.#house.draining;
  }

  /** `grant` is of who has said who he is, and is good for. */
  #sendTable(request: TableRequest, filter: SourcetableFilter, grant: TableGrant | undefined): void {
    const { directory } = this.#house;
    const usable = filter.auth ? grant?.mountpoints : undefined;
    const mayUse = (stream: StrRecord): boolean => usable?.has(stream.mountpoint) ?? true;
    const records = shapedRecords(directory, grant?.shape);
    const isWhole = request.query === '';
    const body =
      isWhole && records === directory.records
        ? directory.text
        : buildSourcetable(isWhole ? records : filterSourcetable(records, filter, mayUse));
    this.#closeWith(sourcetableReply(request.version, request.plainHttp, body, httpDate()), 'answered');
  }

  #closeWith(reply: Buffer, reason: CloseReason): void {
    this.#closeReason ??= reason;
    this.#state = 'closing';
    this.#closingSinceMs = this.#answeredMs = this.#house.clock.nowMs;
    this.#socket.end(reply, () => (this.#replyOut = true));
  }
}

/** Where the request, or what came right behind it, says that the rover is; without a fix (quality 0) it says nothing. */
function positionOf({ ntripGga, chunkedBody }: RoverRequest, rest: Buffer): RoverPosition | undefined {
  let gga = ntripGga === undefined ? undefined : parseGga(ntripGga);
  if (gga === undefined && rest.length > 0 && !chunkedBody) gga = new GgaReader().push(rest);
  if (gga === undefined || gga.quality === 0) return undefined;
  return { latitudeDeg: gga.latitudeDeg, longitudeDeg: gga.longitudeDeg };
}
