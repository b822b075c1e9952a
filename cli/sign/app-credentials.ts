// Where `rovercast sign` finds key and secret of the app: a file with what `POST /v1/apps` answered, or the environment.
// Never the command line, and never shown.

import { readFileSync } from 'node:fs';
import { fileFailure, type Failure } from '../failure.ts';

export interface AppCredentials {
  readonly appKey: string;
  readonly appSecret: string;
}

export type FoundApp = { ok: true; credentials: AppCredentials } | { ok: false; failure: Failure };

const KEY_VARIABLE = 'ROVERCAST_APP_KEY';
const SECRET_VARIABLE = 'ROVERCAST_APP_SECRET';

export function findAppCredentials(file: string | undefined): FoundApp {
  if (file !== undefined) return readAppFile(file);
  const appKey = process.env[KEY_VARIABLE] ?? '';
  const appSecret = process.env[SECRET_VARIABLE] ?? '';
  if (appKey !== '' && appSecret !== '') return { ok: true, credentials: { appKey, appSecret } };
  return missing(`${appKey === '' ? KEY_VARIABLE : SECRET_VARIABLE} is not set and --app names no file`);
}

function readAppFile(file: string): FoundApp {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { ok: false, failure: fileFailure(file, error) };
  }
  try {
    const { appKey, appSecret } = Object(JSON.parse(text)) as Record<string, unknown>;
    if (typeof appKey === 'string' && typeof appSecret === 'string' && appSecret !== '')
      return { ok: true, credentials: { appKey, appSecret } };
  } catch {
    // The parser's message would repeat what is in the file.
  }
  return missing(`${file} is no JSON object with appKey and appSecret`);
}

function missing(message: string): FoundApp {
  const fix = `set ${KEY_VARIABLE} and ${SECRET_VARIABLE}, or keep what POST /v1/apps answered in a file and name it`;
  return { ok: false, failure: { code: 'key_missing', message, fix } };
}
