// What bodies are read, and how: JSON, with its bytes kept, as signatures and Idempotency-Keys are about bytes; CSV as
// text; and files, not at all: an operation that takes one reads it as it comes in. Anything else is refused before it is
// read.

import { errorCodes, type FastifyInstance, type FastifyRequest } from 'fastify';
import { type Readable } from 'node:stream';

/** What a file is sent as. */
export const UPLOAD_TYPE = 'application/octet-stream';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True where the operation takes a file. */
    takesUpload?: boolean;
  }
}

export function readBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    request.rawBody = bytes;
    void parseJson(request, bytes.toString(), done);
  });
  app.addContentTypeParser<Buffer>('text/csv', { parseAs: 'buffer' }, (request, bytes, done) => {
    request.rawBody = bytes;
    done(null, bytes.toString());
  });
  app.addContentTypeParser(UPLOAD_TYPE, (request, _content, done) => {
    if (request.routeOptions.config.takesUpload === true) done(null, undefined);
    else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE());
  });
}

/** The bytes of a file as they come in; undefined where the request carries none. To be read once. */
export function uploadOf(request: FastifyRequest): Readable | undefined {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  return type === UPLOAD_TYPE ? request.raw : undefined;
}
