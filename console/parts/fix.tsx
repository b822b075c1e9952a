// What a rover says of its solution by NMEA GGA, always with its word: color is never the only sign.

import { messages, useText } from '../i18n/messages.ts';
import { Tag, type TagColor } from './tag.tsx';

export type FixKind = 'fixed' | 'float' | 'differential' | 'single' | 'none' | 'other' | 'untold';

export const FIX_KINDS: readonly FixKind[] = [
  'fixed',
  'float',
  'differential',
  'single',
  'other',
  'none',
  'untold',
];

export const FIX_COLORS: Readonly<Record<FixKind, TagColor>> = {
  fixed: 'green',
  float: 'yellow',
  differential: 'blue',
  single: 'orange',
  other: 'grape',
  none: 'red',
  untold: 'gray',
};

export const fixMessages = messages({
  en: {
    fixed: 'fixed',
    float: 'float',
    differential: 'differential',
    single: 'autonomous',
    other: 'other',
    none: 'no fix',
    untold: 'not told',
  },
  zh: {
    fixed: '固定解',
    float: '浮点解',
    differential: '差分解',
    single: '单点解',
    other: '其他',
    none: '无解',
    untold: '未上报',
  },
});

/** By the quality of GGA, field 6 (NMEA 0183). */
export function fixKindOf(fix: { readonly quality: number } | null): FixKind {
  switch (fix?.quality) {
    case undefined:
      return 'untold';
    case 0:
      return 'none';
    case 1:
      return 'single';
    case 2:
      return 'differential';
    case 4:
      return 'fixed';
    case 5:
      return 'float';
    default:
      return 'other';
  }
}

export function FixBadge({ kind }: { readonly kind: FixKind }) {
  const text = useText(fixMessages);
  return (
    <Tag color={FIX_COLORS[kind]} isOutlined={kind === 'untold'}>
      {text[kind]}
    </Tag>
  );
}
