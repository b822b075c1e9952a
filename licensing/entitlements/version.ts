// Versions of software: one to four whole numbers with dots between them, compared as numbers: 1.10 is above 1.9, and
// 1.4 is 1.4.0.

const FORM = /^(?:0|[1-9]\d{0,8})(?:\.(?:0|[1-9]\d{0,8})){0,3}$/;
const PARTS = 4;

export function isVersion(text: string): boolean {
  return FORM.test(text);
}

/** Below 0 where `a` is older, above 0 where it is newer, 0 where they are the same. Throws where one is no version. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let index = 0; index < PARTS; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** True where software of this version is what a right to `wanted` is for. */
export function satisfies(
  installed: string,
  { version, versionRule }: { readonly version: string; readonly versionRule: 'at_least' | 'exact' },
): boolean {
  const difference = compareVersions(installed, version);
  return versionRule === 'exact' ? difference === 0 : difference >= 0;
}

function partsOf(version: string): readonly number[] {
  if (!isVersion(version)) throw new TypeError('not a version: one to four whole numbers with dots between');
  return version.split('.').map(Number);
}
