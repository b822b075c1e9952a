// Before every step that takes or writes something: does anybody still wait for the answer? A device that has hung up
// comes again, and must not find its own dead logins in its place.

import type { AdmissionStep, IsWanted, Refusal } from '../admission.ts';
import { refuse } from './refuse.ts';

export function checkWanted(step: AdmissionStep, isWanted: IsWanted): Refusal | undefined {
  return isWanted() ? undefined : refuse(step, 'login_abandoned');
}
