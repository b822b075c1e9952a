// Metadata as The Update Framework defines it (specification 1.0.31), made and signed with Ed25519. Pure: keys and times
// are given. Timestamp, snapshot and targets carry the id of the one vehicle that they are for (Uptane's Director), so
// that what is signed for one is nothing for another.

import { createHash, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { MetaFile, Metadata, Root, Signature, Snapshot, TargetFile, Targets, Timestamp } from '@tufjs/models';

const SPECIFICATION = '1.0.31';

export const TUF_ROLES = ['root', 'targets', 'snapshot', 'timestamp'] as const;
export type TufRole = (typeof TUF_ROLES)[number];

export interface PublicTufKey {
  /** SHA-256 of its canonical form, hex. */
  readonly id: string;
  /** 32 bytes, hex. */
  readonly publicKey: string;
}

export interface TufKey extends PublicTufKey {
  /** DER. */
  readonly pkcs8: Uint8Array;
}

/** What a vehicle may install, as its targets say it. */
export interface TargetFacts {
  readonly name: string;
  readonly length: number;
  readonly sha256: string;
  readonly partNumber: string;
  readonly version: string;
}

/** A file of the repository, and what others say of it. */
export interface MadeFile {
  readonly version: number;
  readonly body: string;
}

export interface About {
  readonly vehicleId: string;
  readonly version: number;
  readonly expiresMs: number;
}

export interface RootFacts {
  readonly version: number;
  readonly expiresMs: number;
  readonly roles: Readonly<
    Record<TufRole, { readonly keys: readonly PublicTufKey[]; readonly threshold: number }>
  >;
}

export function makeTufKey(): TufKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  return tufKeyOf(privateKey.export({ format: 'der', type: 'pkcs8' }));
}

/** `pkcs8` is an Ed25519 key; throws where it is none. */
export function tufKeyOf(pkcs8: Uint8Array): TufKey {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
  const jwk = key.export({ format: 'jwk' });
  const publicKey = Buffer.from(jwk.x!, 'base64url').toString('hex');
  return { id: keyIdOf(publicKey), publicKey, pkcs8 };
}

export function makeRoot({ version, expiresMs, roles }: RootFacts, signers: readonly TufKey[]): string {
  const all = Object.values(roles).flatMap(({ keys }) => keys);
  const root = Root.fromJSON({
    ...{ _type: 'root', version, spec_version: SPECIFICATION, expires: timeOf(expiresMs) },
    consistent_snapshot: true,
    keys: Object.fromEntries(
      all.map(({ id, publicKey }) => [id, { ...ED25519, keyval: { public: publicKey } }]),
    ),
    roles: Object.fromEntries(
      TUF_ROLES.map((name) => {
        const { keys, threshold } = roles[name];
        return [name, { keyids: keys.map(({ id }) => id), threshold }];
      }),
    ),
  });
  return signed(new Metadata(root), signers);
}

export function makeTargets(
  about: About,
  targets: readonly TargetFacts[],
  signers: readonly TufKey[],
): string {
  const files = targets.map(({ name, length, sha256, partNumber, version }) => {
    const custom = { vehicleId: about.vehicleId, partNumber, version };
    return [name, new TargetFile({ path: name, length, hashes: { sha256 }, unrecognizedFields: { custom } })];
  });
  const made = new Targets({
    ...optionsOf(about),
    targets: Object.fromEntries(files) as Record<string, TargetFile>,
  });
  return signed(new Metadata(made), signers);
}

export function makeSnapshot(about: About, targets: MadeFile, signers: readonly TufKey[]): string {
  const made = new Snapshot({ ...optionsOf(about), meta: { 'targets.json': metaOf(targets) } });
  return signed(new Metadata(made), signers);
}

export function makeTimestamp(about: About, snapshot: MadeFile, signers: readonly TufKey[]): string {
  const made = new Timestamp({ ...optionsOf(about), snapshotMeta: metaOf(snapshot) });
  return signed(new Metadata(made), signers);
}

/** Ids of the keys that a file is signed with. */
export function signersOf(body: string): string[] {
  const { signatures } = JSON.parse(body) as { readonly signatures: readonly { readonly keyid: string }[] };
  return signatures.map(({ keyid }) => keyid);
}

function optionsOf({ vehicleId, version, expiresMs }: About) {
  return {
    version,
    specVersion: SPECIFICATION,
    expires: timeOf(expiresMs),
    unrecognizedFields: { vehicleId },
  };
}

function metaOf({ version, body }: MadeFile): MetaFile {
  const bytes = Buffer.from(body);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return new MetaFile({ version, length: bytes.length, hashes: { sha256 } });
}

/** The specification knows whole seconds only. */
function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

const ED25519 = { keytype: 'ed25519', scheme: 'ed25519' } as const;

/** Of its canonical form (OLPC's canonical JSON: keys sorted, no spaces). */
function keyIdOf(publicKey: string): string {
  const form = `{"keytype":"ed25519","keyval":{"public":"${publicKey}"},"scheme":"ed25519"}`;
  return createHash('sha256').update(form).digest('hex');
}

function signed(
  metadata: Metadata<Root | Targets | Snapshot | Timestamp>,
  signers: readonly TufKey[],
): string {
  for (const { id, pkcs8 } of signers) {
    const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    metadata.sign((bytes) => new Signature({ keyID: id, sig: sign(null, bytes, key).toString('hex') }));
  }
  return JSON.stringify(metadata.toJSON());
}
