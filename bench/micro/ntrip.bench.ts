// What the pure NTRIP parts cost on one core: `node bench/micro/ntrip.bench.ts`. The figure that matters is requests
// per second: ten thousand rovers log in within seconds after an outage, and each passes the parser once.
import { Bench } from 'tinybench';
import { ChunkedDecoder, encodeChunk } from '../../caster/ntrip/chunked.ts';
import { GgaReader } from '../../caster/ntrip/gga.ts';
import { acceptRover, refuse } from '../../caster/ntrip/replies.ts';
import { RequestParser } from '../../caster/ntrip/request-parser.ts';
import { filterSourcetable, parseSourcetableFilter } from '../../caster/ntrip/sourcetable-filter.ts';
import { parseSourcetable } from '../../caster/ntrip/sourcetable.ts';

const DATE = 'Sat, 21 Nov 2026 12:00:00 GMT';
const rtklib = Buffer.from(
  'GET /TEST1 HTTP/1.0\r\nUser-Agent: NTRIP RTKLIB/2.4.3\r\nAuthorization: Basic dTpw\r\n\r\n',
);
const version2 = Buffer.from(
  'GET /TEST1 HTTP/1.1\r\nHost: caster.example:2101\r\nUser-Agent: NTRIP pygnssutils/1.2.5\r\n' +
    'Authorization: Basic dTpw\r\nNtrip-Version: Ntrip/2.0\r\nAccept: */*\r\nConnection: close\r\n\r\n',
);
const source = Buffer.from(
  'SOURCE srcpw TEST1\r\nSource-Agent: NTRIP RTKLIB/2.4.3\r\nSTR: TEST1;RTCM3\r\n\r\n',
);
const epoch = Buffer.alloc(2500, 0xd3);
const chunked = Buffer.concat(Array.from({ length: 20 }, () => encodeChunk(epoch.subarray(0, 100))));
const gga = Buffer.from('$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n');
const noise = Buffer.alloc(960, 0xb5);
const table = parseSourcetable(
  Array.from(
    { length: 1000 },
    (_line, i) =>
      `STR;M${i};Place;RTCM 3.3;1005(10);2;GPS+GLO;NET;DEU;50.${i};8.${i};0;0;x;none;B;N;2400;none`,
  ).join('\r\n'),
);
const ggaReader = new GgaReader();

const bench = new Bench({ time: 400, warmupTime: 100 });
bench
  .add('request: rover v1 (RTKLIB), whole', () => new RequestParser().push(rtklib))
  .add('request: rover v2 (pygnssutils), whole', () => new RequestParser().push(version2))
  .add('request: base v1 (SOURCE), whole', () => new RequestParser().push(source))
  .add('request: rover v2, cut in two', () => {
    const parser = new RequestParser();
    parser.push(version2.subarray(0, 70));
    return parser.push(version2.subarray(70));
  })
  .add('reply: accept v2', () => acceptRover(2, { plainHttp: false, chunked: false, date: DATE }))
  .add('reply: 401 v2', () =>
    refuse({
      ...{ version: 2, role: 'rover', plainHttp: false, status: 401, realm: '/TEST1', date: DATE },
      ...{ reason: 'badPassword', detail: 'the password is wrong' },
    }),
  )
  .add('chunk: encode 2500 B', () => encodeChunk(epoch))
  .add('chunk: decode 20 of 100 B', () => new ChunkedDecoder().push(chunked, () => undefined))
  .add('gga: one line', () => ggaReader.push(gga))
  .add('gga: 960 B that are none', () => ggaReader.push(noise))
  .add('filter: 1000 streams, nearest', () => {
    const parsed = parseSourcetableFilter('STR;;;;;;;;;~50.4;~8.2');
    return parsed.ok ? filterSourcetable(table, parsed.filter, () => true) : undefined;
  });
await bench.run();
console.table(bench.table());
