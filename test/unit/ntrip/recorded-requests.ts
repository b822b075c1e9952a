// Requests as programs of the field send them, byte for byte. Those marked "captured" came over a socket from the
// program named; the others are what the program's public source writes, with its blanks filled in.
import { type NtripRequest } from '../../../caster/ntrip/request.ts';

export interface RecordedRequest {
  name: string;
  bytes: Buffer;
  request: NtripRequest;
  /** What follows the head and belongs to the stream. */
  rest: string;
}

const basic = { scheme: 'basic', username: 'u', password: 'p' } as const;
const anonymous = { scheme: 'none' } as const;
const GGA = '$GNGGA,234513.97,4848.0000000,N,00218.0000000,E,1,00,1.0,55.122,M,44.878,M,0.0,0000*6C\r\n';

export const RECORDED_REQUESTS: readonly RecordedRequest[] = [
  {
    name: 'str2str 2.4.3 as rover with a login, its first GGA in the same write (captured)',
    bytes: Buffer.from(
      `GET /TEST1 HTTP/1.0\r\nUser-Agent: NTRIP RTKLIB/2.4.3\r\nAuthorization: Basic dTpw\r\n\r\n${GGA}`,
    ),
    request: rover({ userAgent: 'NTRIP RTKLIB/2.4.3', httpMinor: 0, credentials: basic }),
    rest: GGA,
  },
  {
    name: 'str2str 2.4.3 as rover without a login (captured)',
    bytes: Buffer.from(
      'GET /TEST1 HTTP/1.0\r\nUser-Agent: NTRIP RTKLIB/2.4.3\r\nAccept: */*\r\nConnection: close\r\n\r\n',
    ),
    request: rover({ userAgent: 'NTRIP RTKLIB/2.4.3', httpMinor: 0, credentials: anonymous }),
    rest: '',
  },
  {
    name: 'str2str 2.4.3 as base (captured)',
    bytes: Buffer.from('SOURCE srcpw TEST1\r\nSource-Agent: NTRIP RTKLIB/2.4.3\r\nSTR: TEST1;RTCM3\r\n\r\n'),
    request: source({ userAgent: 'NTRIP RTKLIB/2.4.3', password: 'srcpw', str: 'TEST1;RTCM3' }),
    rest: '',
  },
  {
    name: 'gpsd 3.22 asking for the table (captured)',
    bytes: Buffer.from(
      'GET / HTTP/1.1\r\nUser-Agent: NTRIP gpsd/3.22\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
    ),
    request: {
      kind: 'sourcetable',
      version: 1,
      plainHttp: false,
      query: '',
      credentials: anonymous,
      userAgent: 'NTRIP gpsd/3.22',
      forwardedFor: undefined,
    },
    rest: '',
  },
  {
    name: 'gpsd 3.22 asking for a stream: HTTP/1.1, and yet NTRIP 1 (captured)',
    bytes: Buffer.from(
      'GET /TEST1 HTTP/1.1\r\nUser-Agent: NTRIP gpsd/3.22\r\nHost: 127.0.0.1\r\n' +
        'Accept: rtk/rtcm, dgps/rtcm\r\nAuthorization: Basic dTpw\r\nConnection: close\r\n\r\n',
    ),
    request: rover({ userAgent: 'NTRIP gpsd/3.22', credentials: basic }),
    rest: '',
  },
  {
    name: 'curl asking for the table (captured)',
    bytes: Buffer.from(
      'GET / HTTP/1.1\r\nHost: 127.0.0.1:46245\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n',
    ),
    request: {
      kind: 'sourcetable',
      version: 2,
      plainHttp: true,
      query: '',
      credentials: anonymous,
      userAgent: 'curl/7.88.1',
      forwardedFor: undefined,
    },
    rest: '',
  },
  {
    name: 'curl asking for a stream with the NTRIP 2 header (captured)',
    bytes: Buffer.from(
      'GET /TEST1 HTTP/1.1\r\nHost: 127.0.0.1:33219\r\nAuthorization: Basic dTpw\r\nUser-Agent: curl/7.88.1\r\n' +
        'Accept: */*\r\nNtrip-Version: Ntrip/2.0\r\n\r\n',
    ),
    request: rover({ version: 2, userAgent: 'curl/7.88.1', credentials: basic }),
    rest: '',
  },
  {
    name: 'curl uploading in chunks (captured)',
    bytes: Buffer.from(
      'POST /TEST1 HTTP/1.1\r\nHost: 127.0.0.1:37991\r\nAuthorization: Basic dTpw\r\nUser-Agent: curl/7.88.1\r\n' +
        'Accept: */*\r\nNtrip-Version: Ntrip/2.0\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n',
    ),
    request: post({ userAgent: 'curl/7.88.1', chunkedBody: true, expectContinue: true }),
    rest: '',
  },
  {
    name: 'curl uploading a file as it is (captured)',
    bytes: Buffer.from(
      'POST /TEST1 HTTP/1.1\r\nHost: 127.0.0.1:33411\r\nAuthorization: Basic dTpw\r\nUser-Agent: curl/7.88.1\r\n' +
        'Accept: */*\r\nContent-Length: 3635\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n\xd3\x00\x13',
      'latin1',
    ),
    request: post({ userAgent: 'curl/7.88.1', contentLength: 3635 }),
    rest: '\xd3\x00\x13',
  },
  {
    name: 'pygnssutils in version 1.0, its GGA in the same write',
    bytes: Buffer.from(
      'GET /TEST1 HTTP/1.0\r\nHost: caster.example:2101\r\nUser-Agent: NTRIP pygnssutils/1.2.5\r\n' +
        `Authorization: Basic dTpw\r\nAccept: */*\r\nConnection: close\r\n\r\n${GGA}`,
    ),
    request: rover({ userAgent: 'NTRIP pygnssutils/1.2.5', httpMinor: 0, credentials: basic }),
    rest: GGA,
  },
  {
    name: 'pygnssutils in version 2.0 with an Ntrip-GGA header',
    bytes: Buffer.from(
      'GET /TEST1 HTTP/1.1\r\nHost: caster.example:2101\r\nUser-Agent: NTRIP pygnssutils/1.2.5\r\n' +
        `Authorization: Basic dTpw\r\nNtrip-Version: Ntrip/2.0\r\nNtrip-GGA: ${GGA}Accept: */*\r\nConnection: close\r\n\r\n`,
    ),
    request: rover({
      version: 2,
      userAgent: 'NTRIP pygnssutils/1.2.5',
      credentials: basic,
      ntripGga: GGA.trimEnd(),
    }),
    rest: '',
  },
  {
    name: "BKG's ntripserver in version 1",
    bytes: Buffer.from('SOURCE srcpw /TEST1\r\nSource-Agent: NTRIP NtripServerPOSIX/9405\r\n\r\n'),
    request: source({ userAgent: 'NTRIP NtripServerPOSIX/9405', password: 'srcpw' }),
    rest: '',
  },
  {
    name: "BKG's ntripserver in version 2",
    bytes: Buffer.from(
      'POST /TEST1 HTTP/1.1\r\nHost: caster.example\r\nNtrip-Version: Ntrip/2.0\r\n' +
        'User-Agent: NTRIP NtripServerPOSIX/9405\r\nAuthorization: Basic dTpw\r\n' +
        'Ntrip-STR: Place;RTCM 3.3;1005(10);2;GPS;X;DEU;50.1;8.7\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n',
    ),
    request: post({
      userAgent: 'NTRIP NtripServerPOSIX/9405',
      chunkedBody: true,
      str: 'Place;RTCM 3.3;1005(10);2;GPS;X;DEU;50.1;8.7',
    }),
    rest: '',
  },
  {
    name: "BKG's ntripserver in version 1 through an HTTP proxy",
    bytes: Buffer.from(
      'SOURCE srcpw http://caster.example:2101/TEST1\r\nSource-Agent: NTRIP NtripServerPOSIX/9405\r\n\r\n',
    ),
    request: source({ userAgent: 'NTRIP NtripServerPOSIX/9405', password: 'srcpw' }),
    rest: '',
  },
  {
    name: 'esp32-xbee before it dropped the HTTP version, with its first frame bytes',
    bytes: Buffer.from(
      'SOURCE srcpw /TEST1 HTTP/1.1\r\nSource-Agent: NTRIP ESP32-XBee/1.0\r\n\r\n\xd3\x00\x13>\xd0',
      'latin1',
    ),
    request: source({ userAgent: 'NTRIP ESP32-XBee/1.0', password: 'srcpw' }),
    rest: '\xd3\x00\x13>\xd0',
  },
  {
    name: "millipede's own tests, which end their lines in LF",
    bytes: Buffer.from('GET /TEST1 HTTP/1.1\nUser-Agent: NTRIP test\nAuthorization: Basic dTpw\n\n'),
    request: rover({ userAgent: 'NTRIP test', credentials: basic }),
    rest: '',
  },
];

type RoverParts = Partial<NtripRequest & { kind: 'rover' }>;

function rover(parts: RoverParts): NtripRequest {
  return {
    kind: 'rover',
    version: 1,
    plainHttp: false,
    httpMinor: 1,
    mountpoint: 'TEST1',
    path: '/TEST1',
    credentials: anonymous,
    userAgent: '',
    ntripGga: undefined,
    forwardedFor: undefined,
    chunkedBody: false,
    ...parts,
  };
}

function post(parts: Partial<NtripRequest & { kind: 'base' }>): NtripRequest {
  return {
    kind: 'base',
    version: 2,
    method: 'POST',
    mountpoint: 'TEST1',
    credentials: basic,
    userAgent: '',
    str: undefined,
    chunkedBody: false,
    gzip: false,
    expectContinue: false,
    contentLength: undefined,
    forwardedFor: undefined,
    ...parts,
  };
}

function source(parts: { userAgent: string; password: string; str?: string }): NtripRequest {
  return post({
    version: 1,
    method: 'SOURCE',
    credentials: { scheme: 'basic', username: '', password: parts.password },
    userAgent: parts.userAgent,
    str: parts.str,
  });
}
