// What Redis runs for the live state, and the keys it is given. The layout of the slots is drawn in lua/slots.lua, those
// of nonces and logins in their scripts.

import path from 'node:path';
import { readScript } from '../../../platform/bus/redis-script.ts';

const folder = path.join(import.meta.dirname, 'lua');

export const TAKE = readScript(folder, 'slots.lua', 'take.lua');
export const HOLD = readScript(folder, 'slots.lua', 'hold.lua');
export const BEGIN = readScript(folder, 'slots.lua', 'begin.lua');
export const RENEW = readScript(folder, 'slots.lua', 'renew.lua');
export const RELEASE = readScript(folder, 'slots.lua', 'release.lua');
export const LEAVE = readScript(folder, 'slots.lua', 'leave.lua');
export const NONCES = readScript(folder, 'nonces.lua');
export const NONCES_BEGIN = readScript(folder, 'nonces-begin.lua');
export const LOGINS = readScript(folder, 'logins.lua');

/** All of them. */
export const LIVE_SCRIPTS = [TAKE, HOLD, BEGIN, RENEW, RELEASE, LEAVE, NONCES, NONCES_BEGIN, LOGINS] as const;

export const SLOT_KEYS = ['rovercast:{slots}:nodes'] as const;
export const NONCES_SINCE = 'rovercast:{nonces}:since';
export const NONCES_RUN = 'rovercast:{nonces}:run';

export const nonceKey = (key: string): string => `rovercast:{nonces}:n:${key}`;
export const loginKey = (key: string): string => `rovercast:{logins}:${key}`;
