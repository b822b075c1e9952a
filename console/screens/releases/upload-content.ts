// The content of a package, sent in pieces: a request may take 15 seconds, and what came before it broke off stays.

import type { Package } from '../../api/api-types.ts';
import { call } from '../../api/client.ts';

const PIECE_BYTES = 4_194_304;

export interface Upload {
  readonly file: File;
  /** What the whole must have, in hex; empty: whatever it has. */
  readonly sha256: string;
  /** Bytes that the server has of this file already. */
  readonly from: number;
  readonly onSent: (bytes: number) => void;
}

export async function uploadContent(id: string, { file, sha256, from, onSent }: Upload): Promise<Package> {
  let offset = from;
  for (;;) {
    const end = Math.min(offset + PIECE_BYTES, file.size);
    const isLast = end === file.size;
    const query = {
      ...{ offset, more: isLast ? ('false' as const) : ('true' as const) },
      ...(isLast && sha256 !== '' ? { sha256 } : {}),
    };
    const content = file.slice(offset, end);
    const answer = await call('PUT /v1/packages/{id}/content', { path: { id }, query }, { content });
    onSent(end);
    if (isLast) return answer;
    offset = end;
  }
}
