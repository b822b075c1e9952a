// Who asks. An app that signed its request is nobody here: whoever answers it finds out.

import { type Actor } from './actor.ts';

export type Caller = { readonly kind: 'actor'; readonly actor: Actor } | { readonly kind: 'nobody' };

export const NOBODY: Caller = { kind: 'nobody' };
