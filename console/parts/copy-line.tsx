// A line to be copied as it stands: a command, a login, a secret.

import { ActionIcon, CopyButton, Group, Text, Tooltip } from '@mantine/core';
import { commonMessages } from '../app/common-messages.ts';
import { useText } from '../i18n/messages.ts';
import { Icon } from './icon.tsx';

export interface CopyLineProps {
  readonly line: string;
  readonly label?: string;
}

export function CopyLine({ line, label }: CopyLineProps) {
  const text = useText(commonMessages);
  return (
    <div>
      {label !== undefined && (
        <Text size="sm" c="dimmed" mb={4}>
          {label}
        </Text>
      )}
      <Group gap={6} wrap="nowrap" align="flex-start">
        <pre className="snippet" style={{ flex: 1 }}>
          {line}
        </pre>
        <CopyButton value={line}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? text.copied : text.copy}>
              <ActionIcon
                variant="default"
                size="lg"
                onClick={copy}
                aria-label={copied ? text.copied : label === undefined ? text.copy : `${text.copy}: ${label}`}
              >
                <Icon name={copied ? 'check' : 'copy'} />
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </Group>
    </div>
  );
}
