// Until when an account is held that is held for no time.

/** For as long as its node lives and does not let go; later than any date that people use. */
export const HELD_UNTIL_RELEASED = 253_402_300_799_000;
