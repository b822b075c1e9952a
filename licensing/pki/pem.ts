// PEM (RFC 7468) in and out.

export type PemLabel = 'CERTIFICATE' | 'CERTIFICATE REQUEST';

export function pemOf(label: PemLabel, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The DER of the only block there must be; undefined for anything else. */
export function readPem(label: PemLabel, text: string): Buffer | undefined {
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`];
  const whole = text.trim();
  if (!whole.startsWith(begin) || !whole.endsWith(end)) return undefined;
  const body = whole.slice(begin.length, -end.length).replaceAll(/\s/g, '');
  if (body === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return undefined;
  return Buffer.from(body, 'base64');
}
