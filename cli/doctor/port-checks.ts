// Whether the ports can be had, or who has them: a Rovercast that runs already is no fault.

import { createServer } from 'node:net';
import { type Config } from '../../config/schema.ts';
import { listenProblem } from '../../platform/start-problem.ts';
import { errorCode } from '../failure.ts';
import { runConnection } from '../ntrip/connection.ts';
import { roverRequest } from '../ntrip/requests.ts';
import { type NtripTarget } from '../ntrip/target.ts';
import { failing, fine, type Finding } from './finding.ts';
import { askLiveness, reachableHost } from './liveness.ts';

const ASK_MS_MAX = 2000;
const OUR_SERVER = /^NTRIP Rovercast\b/;

interface Port {
  readonly check: string;
  readonly setting: string;
  readonly host: string;
  readonly port: number | 'off';
  readonly isOurs: (host: string, port: number) => Promise<boolean>;
}

/** One finding for each port that the configuration opens. */
export async function checkPorts({ listen, tls }: Config): Promise<Finding[]> {
  // Where the HTTP interface of this configuration answers, the other ports are that caster's, too.
  const { httpHost, httpPort } = listen;
  const runs = async (): Promise<boolean> =>
    httpPort !== 'off' &&
    httpPort !== 0 &&
    (await askLiveness(reachableHost(httpHost), httpPort, ASK_MS_MAX)).ok;
  const ports: Port[] = [
    {
      check: 'NTRIP port',
      setting: 'listen.ntripPort',
      host: listen.host,
      port: listen.ntripPort,
      isOurs: async (host, port) => isOurCaster(host, port, false),
    },
    {
      check: 'NTRIPS port',
      setting: 'listen.ntripsPort',
      host: listen.host,
      port: tls === undefined ? 'off' : listen.ntripsPort,
      isOurs: async (host, port) => isOurCaster(host, port, true),
    },
    {
      check: 'MQTT port',
      setting: 'listen.mqttsPort',
      host: listen.host,
      port: listen.mqttsPort,
      isOurs: runs,
    },
    {
      check: 'MQTT token port',
      setting: 'listen.mqttsTokenPort',
      host: listen.host,
      port: listen.mqttsTokenPort,
      isOurs: runs,
    },
    {
      check: 'HTTP port',
      setting: 'listen.httpPort',
      host: listen.httpHost,
      port: listen.httpPort,
      isOurs: async (host, port) => (await askLiveness(host, port, ASK_MS_MAX)).ok,
    },
  ];
  return Promise.all(ports.map(checkPort));
}

async function checkPort({ check, setting, host, port, isOurs }: Port): Promise<Finding> {
  if (port === 'off') return fine(check, 'off');
  if (port === 0) return fine(check, 'any free one');
  const errno = await bindOnce(host, port);
  if (errno === undefined) return fine(check, `${port} is free`);
  if (errno === 'EAFNOSUPPORT' && host === '::')
    return checkPort({ check, setting, host: '0.0.0.0', port, isOurs });
  if (errno === 'EADDRINUSE' && (await isOurs(reachableHost(host), port))) {
    return fine(check, `Rovercast already listens on ${port}`);
  }
  const { message, fix } = listenProblem(errno, { host, port, setting });
  return failing(check, message, fix);
}

/** What the system says against it, such as EADDRINUSE; undefined where the port can be had. */
async function bindOnce(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(errorCode(error)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

async function isOurCaster(host: string, port: number, tls: boolean): Promise<boolean> {
  const target: NtripTarget = {
    host,
    port,
    tls,
    insecure: true,
    mountpoint: '',
    query: '',
    username: undefined,
    password: undefined,
  };
  const end = await runConnection({
    target,
    role: 'table',
    request: roverRequest(target, 2),
    connectTimeoutMs: ASK_MS_MAX,
    replyTimeoutMs: ASK_MS_MAX,
    signal: AbortSignal.timeout(2 * ASK_MS_MAX),
    onAccepted: () => undefined,
    onData: () => undefined,
  });
  return end.kind === 'table' && OUR_SERVER.test(end.head.headers.get('server') ?? '');
}
