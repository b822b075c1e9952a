// A bug in a screen ends that screen and not the console.

import { Alert, Button, Stack } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { commonMessages } from '../app/common-messages.ts';
import { useText } from '../i18n/messages.ts';

interface FenceProps {
  readonly children: ReactNode;
}

export class ErrorFence extends Component<FenceProps, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { readonly hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    return this.state.hasFailed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  const text = useText(commonMessages);
  return (
    <Alert color="red" variant="light" role="alert" title={text.problem.crashed}>
      <Stack align="flex-start">
        <Button size="xs" variant="default" onClick={() => window.location.reload()}>
          {text.reload}
        </Button>
      </Stack>
    </Alert>
  );
}
