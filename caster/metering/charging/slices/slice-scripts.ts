// What Redis runs for slices of balances. The layout is drawn in lua/purses.lua.

import path from 'node:path';
import { readScript } from '../../../../platform/bus/redis-script.ts';

const folder = path.join(import.meta.dirname, 'lua');

export const BEGIN_SLICES = readScript(folder, 'purses.lua', 'begin.lua');
export const ASK_SLICES = readScript(folder, 'purses.lua', 'ask.lua');

/** All of them. */
export const SLICE_SCRIPTS = [BEGIN_SLICES, ASK_SLICES] as const;

export const SLICE_KEYS = ['rovercast:{purses}:places'] as const;
