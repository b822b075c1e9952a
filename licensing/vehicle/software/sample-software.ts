// Sample software: a function that is free in every part, the paid ones that a right names, and corrections for the
// satellite receiver where the right comes with them.

import type { TellVehicleEvent } from '../vehicle-event.ts';
import { CorrectionStream } from './correction-stream.ts';
import { type FunctionSettings, SoftwareModule, type SoftwareParts } from './software-module.ts';

export function sampleSoftware(parts: SoftwareParts, tell: TellVehicleEvent): SoftwareModule {
  let stream: CorrectionStream | undefined;
  let login = '';
  return new SoftwareModule({
    ...parts,
    freeFunctions: ['basic'],
    onFunctions(functions, { correction }: FunctionSettings) {
      const wanted = functions.length === 0 ? '' : JSON.stringify(correction);
      if (wanted === login) return;
      stream?.stop();
      login = wanted;
      stream = correction === null || wanted === '' ? undefined : new CorrectionStream(correction, tell);
    },
  });
}
