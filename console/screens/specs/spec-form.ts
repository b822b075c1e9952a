// A service spec as its form holds it, and as the server takes it.

import type { NewServiceSpecInput, ServiceSpec, ServiceSpecToPreviewInput } from '../../api/api-types.ts';
import { NEW_STREAM, streamOf, type StreamForm } from '../../parts/stream-fields.tsx';

export const AREA_KINDS = ['none', 'circle', 'polygon'] as const;
export type AreaKind = (typeof AREA_KINDS)[number];

type Area = NonNullable<ServiceSpec['area']>;
type Corners = readonly (readonly [number, number])[];

export interface SpecForm extends StreamForm {
  readonly name: string;
  readonly customerId: string;
  readonly bands: readonly string[];
  readonly glonassChannelsKept: boolean;
  /** As typed. */
  readonly messagesKept: string;
  readonly messagesDropped: string;
  readonly ignoreMountpoint: boolean;
  readonly maxBaselineKm: number | '';
  readonly areaKind: AreaKind;
  readonly latitude: number | '';
  readonly longitude: number | '';
  readonly radiusKm: number | '';
  /** As typed, a corner a line. */
  readonly corners: string;
  readonly ggaWithinS: number | '';
  readonly ggaAtLogin: boolean;
  readonly onExtraSession: ServiceSpec['onExtraSession'];
}

const NO_AREA = { areaKind: 'none', latitude: '', longitude: '', radiusKm: '', corners: '' } as const;

/** Left empty where the server knows what is usual. */
export const NEW_SPEC: SpecForm = {
  ...{
    name: '',
    customerId: '',
    bands: [],
    glonassChannelsKept: false,
    messagesKept: '',
    messagesDropped: '',
  },
  ...NEW_STREAM,
  ...{
    ignoreMountpoint: false,
    maxBaselineKm: '',
    ggaWithinS: '',
    ggaAtLogin: false,
    onExtraSession: 'replace',
  },
  ...NO_AREA,
};

const textOf = (numbers: readonly number[] | null): string => numbers?.join(', ') ?? '';

export function formOf(spec: ServiceSpec): SpecForm {
  return {
    name: spec.name,
    customerId: spec.customerId ?? '',
    mountpoints: spec.mountpoints ?? [],
    constellations: spec.constellations ?? [],
    bands: spec.bands ?? [],
    level: spec.msmLevelMax?.toString() ?? '',
    intervalS: spec.intervalS ?? '',
    glonassChannelsKept: spec.glonassChannelsKept ?? false,
    messagesKept: textOf(spec.messagesKept),
    messagesDropped: textOf(spec.messagesDropped),
    ignoreMountpoint: spec.ignoreMountpoint,
    maxBaselineKm: spec.maxBaselineKm,
    ggaWithinS: spec.ggaRequired?.withinS ?? '',
    ggaAtLogin: spec.ggaRequired?.atLogin ?? false,
    sessionsPerAccount: spec.sessionsPerAccount,
    onExtraSession: spec.onExtraSession,
    ...NO_AREA,
    ...areaFormOf(spec.area),
  };
}

function areaFormOf(area: Area | null): Partial<SpecForm> {
  if (area === null) return {};
  if ('polygon' in area)
    return { areaKind: 'polygon', corners: area.polygon.map((corner) => corner.join(', ')).join('\n') };
  const [longitude, latitude] = area.center;
  return { areaKind: 'circle', longitude, latitude, radiusKm: area.radiusKm };
}

const NUMBER_MAX = 4095;
const NUMBERS_MAX = 200;

/** Undefined where it is no list of message numbers. */
export function numbersOf(text: string): readonly number[] | undefined {
  const numbers = text
    .split(/[\s,;，；]+/)
    .filter(Boolean)
    .map(Number);
  const isRight = numbers.every((one) => Number.isInteger(one) && one >= 1 && one <= NUMBER_MAX);
  return isRight && numbers.length <= NUMBERS_MAX ? numbers : undefined;
}

const CORNERS_MIN = 3;

/** Undefined where it is no polygon. */
export function cornersOf(text: string): Corners | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const corners = lines.map((line) =>
    line
      .trim()
      .split(/[\s,;，；]+/)
      .map(Number),
  );
  const isRight = corners.every(
    (corner) => corner.length === 2 && Math.abs(corner[0]!) <= 180 && Math.abs(corner[1]!) <= 90,
  );
  return isRight && corners.length >= CORNERS_MIN ? (corners as unknown as Corners) : undefined;
}

export type SpecFault =
  'name' | 'messagesKept' | 'messagesDropped' | 'corners' | 'latitude' | 'longitude' | 'radiusKm';

/** What the server would surely refuse. */
export function faultsOf(form: SpecForm): ReadonlySet<SpecFault> {
  const faults = new Set<SpecFault>();
  if (form.name.trim() === '') faults.add('name');
  for (const list of ['messagesKept', 'messagesDropped'] as const) {
    if (numbersOf(form[list]) === undefined) faults.add(list);
  }
  if (form.areaKind === 'polygon' && cornersOf(form.corners) === undefined) faults.add('corners');
  if (form.areaKind === 'circle') {
    for (const part of ['latitude', 'longitude', 'radiusKm'] as const) {
      if (form[part] === '' || (part === 'radiusKm' && form[part] === 0)) faults.add(part);
    }
  }
  return faults;
}

/** The part of it that the stream is made by; what is left empty is not sent. */
export function shapeOf(form: SpecForm): Omit<ServiceSpecToPreviewInput, 'mountpoint'> {
  const { constellations, msmLevelMax, intervalS } = streamOf(form);
  const [kept = [], dropped = []] = [numbersOf(form.messagesKept), numbersOf(form.messagesDropped)];
  return {
    ...(constellations === undefined ? {} : { constellations }),
    ...(msmLevelMax === undefined ? {} : { msmLevelMax }),
    ...(intervalS === undefined ? {} : { intervalS }),
    ...(form.bands.length === 0
      ? {}
      : { bands: form.bands as NonNullable<ServiceSpecToPreviewInput['bands']> }),
    ...(kept.length === 0 ? {} : { messagesKept: kept }),
    ...(dropped.length === 0 ? {} : { messagesDropped: dropped }),
    ...(form.glonassChannelsKept && form.level === '4' ? { glonassChannelsKept: true } : {}),
  };
}

/** `changed` has the holes of its area, which the form does not show. */
function areaOf(form: SpecForm, changed: ServiceSpec | undefined): Area | undefined {
  if (form.areaKind === 'circle')
    return { center: [Number(form.longitude), Number(form.latitude)], radiusKm: Number(form.radiusKm) };
  if (form.areaKind === 'none') return undefined;
  const before = changed?.area;
  const holes = before && 'polygon' in before ? before.holes : undefined;
  return { polygon: cornersOf(form.corners) ?? [], ...(holes === undefined ? {} : { holes }) };
}

type Content = Omit<NewServiceSpecInput, 'name' | 'customerId'>;

/** What it says, without whose it is; what is left empty is not sent. */
export function contentOf(form: SpecForm, changed?: ServiceSpec): Content & { readonly name: string } {
  const area = areaOf(form, changed);
  return {
    name: form.name.trim(),
    ...streamOf(form),
    ...shapeOf(form),
    ...{ ignoreMountpoint: form.ignoreMountpoint, onExtraSession: form.onExtraSession },
    ...(form.maxBaselineKm === '' ? {} : { maxBaselineKm: form.maxBaselineKm }),
    ...(area === undefined ? {} : { area }),
    ...(form.ggaWithinS === ''
      ? {}
      : { ggaRequired: { withinS: form.ggaWithinS, ...(form.ggaAtLogin ? { atLogin: true } : {}) } }),
  };
}

const REMOVABLE = {
  ...{ constellations: null, bands: null, msmLevelMax: null, messagesKept: null, messagesDropped: null },
  ...{ intervalS: null, glonassChannelsKept: null, mountpoints: null, area: null, ggaRequired: null },
} as const;

/** A change of everything: what is not there any more is taken away. */
export const changeOf = (form: SpecForm, changed: ServiceSpec) => ({
  ...REMOVABLE,
  ...contentOf(form, changed),
});
