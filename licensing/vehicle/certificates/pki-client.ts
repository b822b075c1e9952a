// The cloud's API as a vehicle calls it: challenge, enrolment, renewal, trust. What the server says no with comes back as
// its code.

export type Answer<Body> =
  | { readonly ok: true; readonly body: Body }
  /** `reason` is the server's code, or `server_unreachable` or `answer_malformed`. */
  | { readonly ok: false; readonly reason: string; readonly detail: string };

export interface IssuedAnswer {
  readonly id: string;
  readonly certificate: string;
  readonly issuingCertificate: string;
  readonly rootCertificate: string;
}

const ANSWER_MS_MAX = 30_000;
const ANSWER_CHARACTERS_MAX = 262_144;

export class PkiClient {
  readonly #server: string;

  constructor(server: string) {
    this.#server = server;
  }

  async challenge(vehicleId: string): Promise<Answer<{ readonly challenge: string }>> {
    const answer = await this.#ask('POST', '/v1/certificate-challenges', { vehicleId });
    return shaped(answer, (body) => {
      const challenge = textIn(body, 'challenge');
      return challenge === undefined ? undefined : { challenge };
    });
  }

  async enrol(ask: {
    readonly vehicleId: string;
    readonly request: string;
    readonly token: string;
  }): Promise<Answer<IssuedAnswer>> {
    return shaped(await this.#ask('POST', '/v1/enrolments', ask), issuedIn);
  }

  async renew(
    id: string,
    ask: { readonly request: string; readonly proof: string },
  ): Promise<Answer<IssuedAnswer>> {
    return shaped(await this.#ask('POST', `/v1/certificates/${encodeURIComponent(id)}/renew`, ask), issuedIn);
  }

  /** As text: its signature is over what it says, and is checked by whoever asked. */
  async trust(algorithm: string): Promise<Answer<string>> {
    return await this.#ask('GET', `/v1/trust?algorithm=${algorithm}`);
  }

  async #ask(method: string, path: string, body?: object): Promise<Answer<string>> {
    try {
      const answer = await fetch(`${this.#server}${path}`, {
        method,
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
        redirect: 'error',
      });
      const text = await answer.text();
      if (text.length > ANSWER_CHARACTERS_MAX) return malformed('it is too long');
      return answer.ok ? { ok: true, body: text } : refusalIn(answer.status, text);
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return {
        ok: false,
        reason: 'server_unreachable',
        detail: cause instanceof Error ? cause.message : String(cause),
      };
    }
  }
}

function refusalIn(status: number, text: string): Answer<never> {
  const problem = objectIn(text);
  const reason = problem === undefined ? undefined : textIn(problem, 'code');
  if (problem === undefined || reason === undefined) return malformed(`the server answered ${status}`);
  const what = textIn(problem, 'detail') ?? textIn(problem, 'title');
  // What to do stands in no other place that whoever sees the vehicle's events can look at.
  const detail = [what, textIn(problem, 'fix')].filter((text) => text !== undefined).join('; ');
  return { ok: false, reason, detail };
}

function shaped<Body>(answer: Answer<string>, read: (body: object) => Body | undefined): Answer<Body> {
  if (!answer.ok) return answer;
  const object = objectIn(answer.body);
  const body = object === undefined ? undefined : read(object);
  return body === undefined ? malformed('it is not what was asked for') : { ok: true, body };
}

function issuedIn(body: object): IssuedAnswer | undefined {
  const id = textIn(body, 'id');
  const certificate = textIn(body, 'certificate');
  const issuingCertificate = textIn(body, 'issuingCertificate');
  const rootCertificate = textIn(body, 'rootCertificate');
  if (id === undefined || certificate === undefined) return undefined;
  if (issuingCertificate === undefined || rootCertificate === undefined) return undefined;
  return { id, certificate, issuingCertificate, rootCertificate };
}

function malformed(detail: string): Answer<never> {
  return { ok: false, reason: 'answer_malformed', detail };
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function textIn(object: object, key: string): string | undefined {
  const value: unknown = (object as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' ? value : undefined;
}
