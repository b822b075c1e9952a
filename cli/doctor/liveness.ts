// Asks a running caster whether it lives, by its HTTP port.

import { get } from 'node:http';
import { errorText } from '../failure.ts';

export type Liveness = { ok: true; version: string } | { ok: false; detail: string };

const ANSWER_BYTES_MAX = 4096;

/** An address to reach a listener at that listens on `host`. */
export function reachableHost(host: string): string {
  if (host === '::' || host === '0.0.0.0') return '127.0.0.1';
  return host;
}

/** `GET /livez`. Not ok within `withinMs`, or where something else than a Rovercast answers. */
export async function askLiveness(host: string, port: number, withinMs: number): Promise<Liveness> {
  return new Promise((resolve) => {
    const give = (liveness: Liveness): void => {
      clearTimeout(timer);
      resolve(liveness);
      request.destroy();
    };
    const request = get({ host, port, path: '/livez', agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text = (text + part).slice(0, ANSWER_BYTES_MAX);
      });
      response.on('end', () => give(readAnswer(response.statusCode ?? 0, text)));
      response.on('error', (error) => give({ ok: false, detail: errorText(error) }));
    });
    request.on('error', (error) => give({ ok: false, detail: errorText(error) }));
    const timer = setTimeout(
      () => give({ ok: false, detail: `no answer from ${host}:${port} within ${withinMs / 1000} s` }),
      withinMs,
    );
  });
}

function readAnswer(status: number, text: string): Liveness {
  try {
    const answer: unknown = JSON.parse(text);
    const isOurs =
      typeof answer === 'object' && answer !== null && 'status' in answer && answer.status === 'live';
    if (status === 200 && isOurs) {
      return { ok: true, version: 'version' in answer ? String(answer.version) : 'unknown' };
    }
  } catch {
    // Told below: what answers is something else.
  }
  return { ok: false, detail: `something else answers, with status ${status}` };
}
