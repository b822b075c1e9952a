// What went wrong, in the server's own words, with what to do about it and under which id its log has more. A page for people
// who run no server gives words of its own for what they can meet.

import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { ApiError } from '../api/client.ts';
import { commonMessages } from '../app/common-messages.ts';
import { useText } from '../i18n/messages.ts';
import { Icon } from './icon.tsx';

export interface ProblemBoxProps {
  /** Anything but an ApiError is a fault of the console itself. */
  readonly error: Error;
  /** In the language of who reads, instead of what the server says. */
  readonly words?: string | undefined;
  readonly retry?: (() => void) | undefined;
  /** Another way out than to try again. */
  readonly leave?: { readonly label: string; readonly onClick: () => void };
}

export function ProblemBox({ error, words: own, retry, leave }: ProblemBoxProps) {
  const common = useText(commonMessages);
  const text = common.problem;
  const { code, message, fix, faults, requestId } =
    error instanceof ApiError ? error : new ApiError({ code: 'console', detail: error.message }, 0);
  const told = code === 'unreachable' || code === 'unreadable' ? text[code] : message;
  return (
    <Alert color="red" variant="light" role="alert" title={text.title} icon={<Icon name="warning" />}>
      <Stack gap={6}>
        <Text size="sm">{own ?? told}</Text>
        {own === undefined && fix !== '' && <Text size="sm">{fix}</Text>}
        {own === undefined && faults.length > 1 && (
          <List size="sm">
            {faults.map(({ param, detail }) => (
              <List.Item key={`${param} ${detail}`}>
                <span className="mono">{param}</span> {detail}
              </List.Item>
            ))}
          </List>
        )}
        {requestId !== undefined && (
          <Text size="xs" className="mono">
            {code} · {text.request(requestId)}
          </Text>
        )}
        {(retry ?? leave) !== undefined && (
          <Group gap="xs">
            {retry !== undefined && (
              <Button size="xs" variant="default" onClick={retry}>
                {common.reload}
              </Button>
            )}
            {leave !== undefined && (
              <Button size="xs" variant="default" onClick={leave.onClick}>
                {leave.label}
              </Button>
            )}
          </Group>
        )}
      </Stack>
    </Alert>
  );
}
