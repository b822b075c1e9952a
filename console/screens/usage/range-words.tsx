// Of which time figures are, and by which clock it is told.

import { Text } from '@mantine/core';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { usageMessages } from './messages.ts';

export interface RangeWordsProps {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export function RangeWords({ from, to }: RangeWordsProps) {
  const text = useText(usageMessages);
  const formats = useFormats();
  if (from === undefined || to === undefined) return null;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Text size="sm" c="dimmed" role="status">
      {text.range(formats.dateTime(from), formats.dateTime(to), zone)}
    </Text>
  );
}
