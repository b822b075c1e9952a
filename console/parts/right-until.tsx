// Until when an entitlement lasts, and what is left of its uses.

import { Text } from '@mantine/core';
import type { Entitlement } from '../api/api-types.ts';
import { useFormats } from '../i18n/formats.ts';
import { messages, useText } from '../i18n/messages.ts';

const texts = messages({
  en: {
    forGood: 'for good',
    notBegun: 'not begun',
    uses: (left: string, all: string) => `${left} of ${all} uses left`,
  },
  zh: {
    forGood: '永久',
    notBegun: '未开始',
    uses: (left: string, all: string) => `剩余 ${left} 次，共 ${all} 次`,
  },
});

export interface RightUntilProps {
  readonly entitlement: Entitlement;
  /** In one line, as the rows of a list have it. */
  readonly isInline?: boolean;
}

export function RightUntil({ entitlement, isInline = false }: RightUntilProps) {
  const text = useText(texts);
  const formats = useFormats();
  const { coveredUntil, endsAt, startsAt, uses, usesLeft } = entitlement;
  const end = coveredUntil ?? endsAt;
  const time = startsAt === null ? text.notBegun : end === null ? text.forGood : formats.dateTime(end);
  if (uses === null || usesLeft === null) return time;
  const left = text.uses(formats.number(usesLeft), formats.number(uses));
  if (isInline) return `${time} · ${left}`;
  return (
    <>
      {time}
      <Text size="xs" c="dimmed">
        {left}
      </Text>
    </>
  );
}
