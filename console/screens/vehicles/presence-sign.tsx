// Whether a vehicle is connected, and since when.

import type { Vehicle } from '../../api/api-types.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { Since } from '../../parts/since.tsx';
import { vehicleMessages } from './messages.ts';

export function PresenceSign({ presence: { connected, since } }: Pick<Vehicle, 'presence'>) {
  const text = useText(vehicleMessages);
  const formats = useFormats();
  return (
    <span>
      <span className={connected ? 'dot is-live' : 'dot'} aria-hidden="true" />{' '}
      {connected ? text.connected : text.away}
      {since !== null && (
        <>
          {' · '}
          {connected ? <Since time={since} /> : formats.dateTime(since)}
        </>
      )}
    </span>
  );
}
