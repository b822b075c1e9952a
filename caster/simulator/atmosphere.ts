// What the air does to a signal. One atmosphere over all receivers, so that two of them close together see nearly the
// same delays, as on earth, and an RTK engine can remove them by differencing.
import { type GeodeticPosition } from '../rtcm/geodesy.ts';
import { RADIANS_PER_DEGREE } from './earth-frame.ts';

const LIGHT_SPEED = 299_792_458;
const L1_HZ = 1575.42e6;
const SECONDS_PER_DAY = 86_400;

/** Klobuchar coefficients of a day of a quiet sun: amplitude and period, seconds and semicircles. */
const AMPLITUDE = [4.66e-9, 1.49e-8, -5.96e-8, -1.19e-7] as const;
const PERIOD = [81_920, 98_304, -65_536, -524_288] as const;

/**
 * Slant ionospheric delay of the code, meters on L1 (the phase is advanced by as much), after the model of
 * IS-GPS-200 20.3.3.5.2.5. Angles in radians; another frequency f has (L1 / f)^2 times as much.
 */
export function ionosphericDelayL1M(
  place: GeodeticPosition,
  elevation: number,
  azimuth: number,
  secondsOfDay: number,
): number {
  const elevationSc = elevation / Math.PI;
  const angleSc = 0.0137 / (elevationSc + 0.11) - 0.022;
  const rawLatitude = place.latitudeDeg / 180 + angleSc * Math.cos(azimuth);
  const latitudeSc = Math.min(0.416, Math.max(-0.416, rawLatitude));
  const longitudeSc =
    place.longitudeDeg / 180 + (angleSc * Math.sin(azimuth)) / Math.cos(latitudeSc * Math.PI);
  const magneticSc = latitudeSc + 0.064 * Math.cos((longitudeSc - 1.617) * Math.PI);
  const localTimeS = modulo(SECONDS_PER_DAY * 0.5 * longitudeSc + secondsOfDay, SECONDS_PER_DAY);
  const slant = 1 + 16 * (0.53 - elevationSc) ** 3;
  const amplitudeS = Math.max(0, polynomial(AMPLITUDE, magneticSc));
  const periodS = Math.max(72_000, polynomial(PERIOD, magneticSc));
  const phase = (2 * Math.PI * (localTimeS - 50_400)) / periodS;
  // The standard cuts the cosine's series off at 1.57, a step of two percent; cut at its root it has none, and the
  // phase of two near receivers stays continuous in the evening.
  const daily = Math.abs(phase) < 2 ? amplitudeS * Math.max(0, 1 - phase ** 2 / 2 + phase ** 4 / 24) : 0;
  return LIGHT_SPEED * slant * (5e-9 + daily);
}

export function ionosphericScale(frequencyHz: number): number {
  return (L1_HZ / frequencyHz) ** 2;
}

/**
 * Slant tropospheric delay, meters: Saastamoinen's zenith delays in the standard atmosphere with 70 % humidity, and the
 * mapping function of Black and Eisner, good down to a few degrees.
 */
export function troposphericDelayM(place: GeodeticPosition, elevation: number): number {
  const heightM = Math.min(10_000, Math.max(0, place.heightM));
  const pressureHpa = 1013.25 * (1 - 2.2557e-5 * heightM) ** 5.2568;
  const temperatureK = 288.15 - 6.5e-3 * heightM;
  const vaporHpa = 6.108 * 0.7 * Math.exp((17.15 * temperatureK - 4684) / (temperatureK - 38.45));
  const latitude = place.latitudeDeg * RADIANS_PER_DEGREE;
  const dryM =
    (0.0022768 * pressureHpa) / (1 - 0.00266 * Math.cos(2 * latitude) - (0.00028 * heightM) / 1000);
  const wetM = 0.002277 * (1255 / temperatureK + 0.05) * vaporHpa;
  return ((dryM + wetM) * 1.001) / Math.sqrt(0.002001 + Math.sin(elevation) ** 2);
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
}

function modulo(value: number, divisor: number): number {
  return value - Math.floor(value / divisor) * divisor;
}
