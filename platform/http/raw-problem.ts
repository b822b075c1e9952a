// The answer to what is no readable HTTP request: there is no request object then, only a socket and the parser's
// complaint.

import { type ConnectionError } from 'fastify';
import { type Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import { REPLY_LINGER_MS } from '../../config/limits.ts';
import { type ErrorCode } from './error-codes.ts';
import { problem, PROBLEM_TYPE, problemBody } from './problem.ts';
import { newRequestId } from './request-id.ts';

const CODES: Readonly<Record<string, ErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'head_too_large',
};

/**
 * Answers where nothing was answered on this connection before, as that could be half an answer, and ends it. Closed at
 * once, with bytes still coming in, the connection would be reset and the answer lost.
 */
export function answerUnreadable(error: ConnectionError, socket: Socket): void {
  if (socket.writableEnded) return;
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const requestId = newRequestId();
  const answer = problemBody(problem(CODES[error.code] ?? 'malformed_request'), requestId);
  const body = JSON.stringify(answer);
  const head = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'cache-control: no-store',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), REPLY_LINGER_MS).unref();
}
