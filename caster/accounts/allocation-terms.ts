// By whom and until when an account is held.

/** For as long as its node lives and does not let go; later than any date that people use. */
export const HELD_UNTIL_RELEASED = 253_402_300_799_000;

/** The holder of an account that a device has; `deviceRowId` is its row's. */
export function deviceHolder(deviceRowId: string): string {
  return `d:${deviceRowId}`;
}

/** The holder of an account that somebody uses by its own password, on any node. */
export function plainHolder(accountId: string): string {
  return `p:${accountId}`;
}

export function isPlainHolder(holder: string): boolean {
  return holder.startsWith('p:');
}
