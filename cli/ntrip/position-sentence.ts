// The GGA sentence by which a rover tells its place to a caster that wants to know it.

import { formatGga } from '../../caster/ntrip/gga.ts';
import { type Place } from '../option-values.ts';

/** A plausible rover with a single position at `place` and `time`, with CRLF. */
export function gpsPlaceSentence(place: Place, time: Date): string {
  const [hours = '', minutes = '', seconds = ''] = time.toISOString().slice(11, 22).split(':');
  return formatGga({
    ...place,
    quality: 1,
    satellites: 12,
    hdop: 0.9,
    ageS: undefined,
    utc: hours + minutes + seconds,
  });
}
