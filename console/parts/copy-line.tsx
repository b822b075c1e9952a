// A line to be copied as it stands: a command, a login, a secret.

import { ActionIcon, Group, Text, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { useRef, useState } from 'react';
import { commonMessages } from '../app/common-messages.ts';
import { useText } from '../i18n/messages.ts';
import { Icon } from './icon.tsx';

export interface CopyLineProps {
  readonly line: string;
  readonly label?: string;
}

export function CopyLine({ line, label }: CopyLineProps) {
  const text = useText(commonMessages);
  const clipboard = useClipboard();
  const shown = useRef<HTMLPreElement>(null);
  const [isSelected, setIsSelected] = useState(false);
  const outcome = clipboard.copied ? text.copied : isSelected ? text.selected : text.copy;
  const copy = (): void => {
    // Browsers have a clipboard for pages by TLS or from the same machine; elsewhere whoever reads copies it himself.
    if ('clipboard' in navigator) clipboard.copy(line);
    else {
      window.getSelection()?.selectAllChildren(shown.current!);
      setIsSelected(true);
    }
  };
  return (
    <div>
      {label !== undefined && (
        <Text size="sm" c="dimmed" mb={4}>
          {label}
        </Text>
      )}
      <Group gap={6} wrap="nowrap" align="flex-start">
        <pre ref={shown} className="snippet" style={{ flex: 1 }}>
          {line}
        </pre>
        <Tooltip label={outcome} {...(isSelected ? { opened: true } : {})}>
          <ActionIcon
            variant="default"
            size="lg"
            onClick={copy}
            onBlur={() => setIsSelected(false)}
            aria-label={label === undefined || outcome !== text.copy ? outcome : `${outcome}: ${label}`}
          >
            <Icon name={clipboard.copied ? 'check' : 'copy'} />
          </ActionIcon>
        </Tooltip>
      </Group>
    </div>
  );
}
