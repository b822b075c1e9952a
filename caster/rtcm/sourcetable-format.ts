// How the sourcetable names what is in a stream: its format, and its message numbers with their rates (NTRIP 2.0, STR
// fields "format" and "format-details").
import { type MessageRate } from './message-rates.ts';
import { messageType } from './message-types.ts';

/** "RTCM 3.0" to "RTCM 3.3": the oldest edition of RTCM 10403 that has all of these messages. */
export function streamFormat(messageNumbers: readonly number[]): string {
  if (messageNumbers.some(isNewIn33)) return 'RTCM 3.3';
  if (messageNumbers.some(isNewIn32)) return 'RTCM 3.2';
  return messageNumbers.some(isNewIn31) ? 'RTCM 3.1' : 'RTCM 3.0';
}

/**
 * Such as "1005(10),1019,1077(1)": whole seconds between sendings, tenths below one second. A number stands alone
 * until it came twice, and for ephemerides, which have no rate of their own.
 */
export function streamFormatDetails(rates: readonly MessageRate[]): string {
  return rates.map(detailsOf).join(',');
}

function detailsOf({ messageNumber, intervalMs }: MessageRate): string {
  if (intervalMs === null || messageType(messageNumber).family === 'ephemeris') return String(messageNumber);
  const seconds =
    intervalMs < 950 ? Math.max(0.1, Math.round(intervalMs / 100) / 10) : Math.round(intervalMs / 1000);
  return `${messageNumber}(${seconds})`;
}

/** BeiDou, NavIC, SBAS and Galileo I/NAV ephemerides, SBAS and NavIC MSM. */
function isNewIn33(messageNumber: number): boolean {
  const { family, system } = messageType(messageNumber);
  if (family === 'ephemeris') return [1041, 1042, 1043, 1046].includes(messageNumber);
  return family === 'msm' && (system === 'SBAS' || system === 'IRN');
}

function isNewIn32(messageNumber: number): boolean {
  return messageType(messageNumber).family === 'msm' || [1044, 1045, 1230].includes(messageNumber);
}

/** Network messages, ephemerides, text, 1033 and SSR. */
function isNewIn31(messageNumber: number): boolean {
  return messageNumber >= 1014 && messageNumber < 1071;
}
