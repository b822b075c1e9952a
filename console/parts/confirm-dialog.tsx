// A question before something is ended or deleted. Where `name` is given it has to be typed: a slip of the hand deletes
// nothing.

import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode, type SubmitEvent } from 'react';
import type { ApiError } from '../api/client.ts';
import { commonMessages } from '../app/common-messages.ts';
import { useText } from '../i18n/messages.ts';
import { ProblemBox } from './problem-box.tsx';

export interface ConfirmDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly words: string;
  /** What the button says that does it. */
  readonly action: string;
  readonly name?: string | undefined;
  readonly isWorking: boolean;
  readonly error: ApiError | null;
  /** In the language of who reads, instead of what the server says. */
  readonly errorWords?: string | undefined;
  /** What the button says that does nothing, where "cancel" could mean the other one. */
  readonly otherwise?: string | undefined;
  readonly onConfirm: () => void;
  /** More to fill in, such as a reason. */
  readonly children?: ReactNode;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const common = useText(commonMessages);
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      {props.isOpen && <Question {...props} />}
    </Modal>
  );
}

/** Made anew each time it opens, so that what was typed before is gone. */
function Question({
  words,
  action,
  name,
  isWorking,
  error,
  errorWords,
  otherwise,
  onConfirm,
  onClose,
  children,
}: ConfirmDialogProps) {
  const common = useText(commonMessages);
  const [typed, setTyped] = useState('');
  const isSure = name === undefined || typed.trim() === name;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (isSure) onConfirm();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm">{words}</Text>
        {children}
        {name !== undefined && (
          <TextInput
            label={common.confirmName(name)}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            className="breakable"
          />
        )}
        {error !== null && <ProblemBox error={error} words={errorWords} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {otherwise ?? common.cancel}
          </Button>
          <Button type="submit" color="red" loading={isWorking} disabled={!isSure}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
