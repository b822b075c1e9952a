// What somebody typed to get in, and what is wrong with it before it is sent. The server decides all the same.

export interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly name: string;
}

/** Of a new account, as the server wants it (config/limits.ts). */
export const PASSWORD_LENGTH_MIN = 8;

export interface Faults {
  readonly email?: 'none';
  readonly password?: 'none' | 'short';
}

export function whatIsWrong({ email, password }: Credentials, isNew: boolean): Faults {
  return {
    ...(/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email.trim()) ? {} : { email: 'none' }),
    ...(password === ''
      ? { password: 'none' }
      : isNew && password.length < PASSWORD_LENGTH_MIN
        ? { password: 'short' }
        : {}),
  };
}
