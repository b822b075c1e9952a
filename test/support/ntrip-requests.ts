// Requests as receivers and bases of the field write them, with the blanks to be filled in. Nothing of the caster's own
// request writing is used, so that both cannot be wrong in the same way.

export interface Login {
  readonly username: string;
  readonly password: string;
}

interface RoverParts {
  readonly login?: Login;
  /** Whole header lines without their line end. */
  readonly headers?: readonly string[];
  readonly httpVersion?: '1.0' | '1.1';
}

/** `GET /<target>` in NTRIP version 1 as RTKLIB, in version 2 as pygnssutils sends it. */
export function getRequest(version: 1 | 2, target: string, parts: RoverParts = {}): string {
  const { login, headers = [], httpVersion = version === 1 ? '1.0' : '1.1' } = parts;
  const own =
    version === 1
      ? ['User-Agent: NTRIP RTKLIB/2.4.3']
      : ['Host: caster.example:2101', 'Ntrip-Version: Ntrip/2.0', 'User-Agent: NTRIP pygnssutils/1.2.5'];
  return head([`GET /${target} HTTP/${httpVersion}`, ...own, ...authorization(login), ...headers]);
}

/** A browser's request: no word of NTRIP in it. */
export function browserRequest(target: string, headers: readonly string[] = []): string {
  return head([
    `GET /${target} HTTP/1.1`,
    'Host: caster.example:2101',
    'User-Agent: curl/7.88.1',
    'Accept: */*',
    ...headers,
  ]);
}

/** `SOURCE`, as RTKLIB's str2str sends it. */
export function sourceRequest(password: string, mountpoint: string): string {
  return head([`SOURCE ${password} ${mountpoint}`, 'Source-Agent: NTRIP RTKLIB/2.4.3', 'STR: ']);
}

interface UploadParts {
  readonly method?: 'POST' | 'PUT';
  readonly login?: Login;
  readonly chunked?: boolean;
  readonly headers?: readonly string[];
}

/** `POST` or `PUT`, as BKG's ntripserver sends it. */
export function uploadRequest(mountpoint: string, parts: UploadParts = {}): string {
  const { method = 'POST', login, chunked = false, headers = [] } = parts;
  return head([
    `${method} /${mountpoint} HTTP/1.1`,
    'Host: caster.example',
    'Ntrip-Version: Ntrip/2.0',
    'User-Agent: NTRIP NtripServerPOSIX/9405',
    ...authorization(login),
    'Connection: close',
    ...(chunked ? ['Transfer-Encoding: chunked'] : []),
    ...headers,
  ]);
}

function authorization(login: Login | undefined): string[] {
  if (login === undefined) return [];
  return [`Authorization: Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`];
}

function head(lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** A GGA sentence (NMEA 0183) of a rover with a single position, CR and LF included. */
export function ggaLine(latitudeDeg: number, longitudeDeg: number, quality = 1): string {
  const angle = (degrees: number, digits: number): string => {
    const whole = Math.floor(Math.abs(degrees));
    const minutes = ((Math.abs(degrees) - whole) * 60).toFixed(4).padStart(7, '0');
    return `${String(whole).padStart(digits, '0')}${minutes}`;
  };
  const latitude = `${angle(latitudeDeg, 2)},${latitudeDeg < 0 ? 'S' : 'N'}`;
  const longitude = `${angle(longitudeDeg, 3)},${longitudeDeg < 0 ? 'W' : 'E'}`;
  const body = `GPGGA,120000.00,${latitude},${longitude},${quality},12,0.8,100.0,M,47.0,M,,`;
  let checksum = 0;
  for (const byte of Buffer.from(body)) checksum ^= byte;
  return `$${body}*${checksum.toString(16).toUpperCase().padStart(2, '0')}\r\n`;
}
