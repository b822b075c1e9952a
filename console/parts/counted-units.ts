// What a billing plan counts, so much of it, in words: hours, bytes, epochs, periods.

import { useMemo } from 'react';
import type { BillingPlan } from '../api/api-types.ts';
import { useFormats } from '../i18n/formats.ts';
import { counted, messages, useText } from '../i18n/messages.ts';

export type Counts = BillingPlan['counts'];

export const countsMessages = messages({
  en: {
    counts: {
      wallTime: 'time connected',
      onlineSeconds: 'time in which data went out',
      bytes: 'bytes',
      epochs: 'epochs',
      period: 'calendar periods',
    },
    epochs: (count: string) => counted(count, 'epoch'),
    periods: (count: string) => counted(count, 'period'),
  },
  zh: {
    counts: {
      wallTime: '连接时长',
      onlineSeconds: '有数据发送的时长',
      bytes: '字节数',
      epochs: '历元数',
      period: '日历周期',
    },
    epochs: (count: string) => `${count} 个历元`,
    periods: (count: string) => `${count} 个周期`,
  },
});

export function useCountedUnits(): (counts: Counts | null, units: number) => string {
  const text = useText(countsMessages);
  const formats = useFormats();
  return useMemo(() => {
    const shown: Readonly<Record<Counts, (units: number) => string>> = {
      wallTime: formats.hours,
      onlineSeconds: formats.hours,
      bytes: formats.bytes,
      epochs: (units) => text.epochs(formats.number(units)),
      period: (units) => text.periods(formats.number(units)),
    };
    return (counts, units) => (counts === null ? formats.number(units) : shown[counts](units));
  }, [text, formats]);
}
