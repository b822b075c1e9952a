// A service spec in a few words.

import type { ServiceSpec } from '../../api/api-types.ts';
import type { Formats } from '../../i18n/formats.ts';
import type { useText } from '../../i18n/messages.ts';
import type { specMessages } from './messages.ts';

type Text = ReturnType<typeof useText<(typeof specMessages)['en']>>;

/** What it makes of the stream: `GPS GAL · MSM4 at most · every 5 s`. */
export function streamWords(spec: ServiceSpec, text: Text, formats: Formats): string {
  const parts = [
    spec.constellations?.join(' '),
    spec.bands?.join(' '),
    spec.msmLevelMax === null ? undefined : text.level(String(spec.msmLevelMax)),
    spec.messagesKept === null ? undefined : text.kept(spec.messagesKept.join(' ')),
    spec.messagesDropped === null ? undefined : text.dropped(spec.messagesDropped.join(' ')),
    spec.intervalS === null ? undefined : text.every(formats.seconds(spec.intervalS)),
  ];
  return parts.filter((part) => part !== undefined).join(' · ') || text.asReceived;
}

export function mountpointWords({ mountpoints, ignoreMountpoint }: ServiceSpec, text: Text): string {
  const names = mountpoints?.join(', ') ?? text.allMountpoints;
  return ignoreMountpoint ? `${text.nearest}: ${names}` : names;
}

export function areaWords({ area }: ServiceSpec, text: Text, formats: Formats): string {
  if (area === null) return text.fields.areas.none;
  if ('polygon' in area) return text.polygon(formats.number(area.polygon.length));
  const [longitude, latitude] = area.center;
  const place = `${formats.number(latitude, 4)}°, ${formats.number(longitude, 4)}°`;
  return text.circle(formats.distance(area.radiusKm * 1000), place);
}
