// What bodies are read, and how: JSON, with its bytes kept, as signatures and Idempotency-Keys are about bytes; and CSV
// as text. Anything else is refused before it is read.

import { type FastifyInstance } from 'fastify';

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
}
