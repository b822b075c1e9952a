// Whether what is shown is of this moment. Told to screen readers when it changes, and only then.

import { Group, Text, VisuallyHidden } from '@mantine/core';
import { useMayFollow } from '../api/caller.ts';
import { useLive } from '../api/live-feed.ts';
import { useText } from '../i18n/messages.ts';
import { commonMessages } from './common-messages.ts';

export function LiveSign() {
  const text = useText(commonMessages).live;
  const mayFollow = useMayFollow();
  const { state } = useLive();
  const shown = mayFollow ? state : 'polling';
  const look = shown === 'live' ? 'is-live' : shown === 'away' ? 'is-away' : '';
  return (
    <Group gap={6} wrap="nowrap" role="status" aria-live="polite">
      <span className={`dot ${look}`} aria-hidden="true" />
      <VisuallyHidden>{text[shown]}</VisuallyHidden>
      <Text size="sm" visibleFrom="xs" aria-hidden="true">
        {text[shown]}
      </Text>
    </Group>
  );
}
