// The code that a car shows, as people type it: case, spaces and hyphens do not matter.

const LENGTH = 8;

/** Undefined where it cannot be one; whether it is one only the server knows. */
export function claimCodeOf(typed: string): string | undefined {
  const code = typed.toUpperCase().replaceAll(/[\s-]/g, '');
  return code.length === LENGTH && /^[A-Z0-9]+$/.test(code) ? code : undefined;
}
