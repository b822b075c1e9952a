// The oldest Node that runs this program; `engines` in package.json says the same.

export const NODE_VERSION_MIN = '24.11';

/** Whether a version such as `24.21.0` is new enough. */
export function isNodeNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin = 0, minorMin = 0] = NODE_VERSION_MIN.split('.').map(Number);
  return major > majorMin || (major === majorMin && minor >= minorMin);
}
