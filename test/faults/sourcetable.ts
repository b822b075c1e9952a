// Which mountpoints the caster lists, asked as any rover would.

import { ask } from './peers.ts';

export async function listedMountpoints(port: number): Promise<string[]> {
  const reply = await ask(
    port,
    'GET / HTTP/1.1\r\nUser-Agent: NTRIP table\r\nNtrip-Version: Ntrip/2.0\r\n\r\n',
  );
  return reply
    .split('\r\n')
    .filter((line) => line.startsWith('STR;'))
    .map((line) => line.split(';')[1]!);
}
