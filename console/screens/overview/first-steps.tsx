// From an empty system to the first rover that receives corrections: a mountpoint, a base, a login, a rover. A step is
// done when the server sees it; what was made on the way is put into the lines that are copied next.

import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { AccountCredentials, Session } from '../../api/api-types.ts';
import { useText } from '../../i18n/messages.ts';
import { Tag } from '../../parts/tag.tsx';
import { BaseStep } from './base-step.tsx';
import { firstMessages } from './first-messages.ts';
import { LoginStep } from './login-step.tsx';
import { MountpointStep, type MadeMountpoint } from './mountpoint-step.tsx';
import { FirstRover, RoverStep } from './rover-step.tsx';

export interface FirstStepsProps {
  /** Name of a mountpoint to begin with; undefined where there is none. */
  readonly mountpoint: string | undefined;
  readonly base: Session | undefined;
  readonly rover: Session | undefined;
  readonly onClose: () => void;
}

export function FirstSteps({ mountpoint, base, rover, onClose }: FirstStepsProps) {
  const text = useText(firstMessages);
  const [made, setMade] = useState<MadeMountpoint>();
  const [login, setLogin] = useState<AccountCredentials | 'other'>();
  const name = base?.mountpoint ?? made?.name ?? mountpoint;
  const account = login === 'other' ? undefined : login;
  const steps: readonly StepProps[] = [
    {
      title: text.mountpoint.title,
      outcome: name === undefined ? undefined : text.mountpoint.is(name),
      children: <MountpointStep onMade={setMade} />,
    },
    {
      title: text.base.title,
      outcome: base && text.base.is(base.mountpoint),
      children: name !== undefined && (
        <BaseStep mountpoint={name} password={name === made?.name ? made.password : undefined} />
      ),
    },
    {
      title: text.login.title,
      outcome:
        account !== undefined
          ? text.login.is(account.username)
          : login === 'other' || rover !== undefined
            ? text.login.isOther
            : undefined,
      children: <LoginStep onLogin={setLogin} />,
    },
    {
      title: text.rover.title,
      outcome: rover && <FirstRover rover={rover} />,
      children: name !== undefined && <RoverStep mountpoint={name} account={account} />,
    },
  ];
  const current = steps.findIndex(({ outcome }) => outcome === undefined);
  return (
    <Paper withBorder p="lg" radius="md" component="section" aria-label={text.title}>
      <Stack gap="md">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <div>
            <Title order={2} size="h4">
              {text.title}
            </Title>
            <Text size="sm" c="dimmed">
              {text.lead}
            </Text>
          </div>
          {current < 0 && (
            <Button variant="default" size="xs" onClick={onClose}>
              {text.close}
            </Button>
          )}
        </Group>
        <ol className="first-steps">
          {steps.map((step, index) => (
            <li key={step.title} aria-current={index === current ? 'step' : undefined}>
              <Step {...step} isOpen={index === current} />
            </li>
          ))}
        </ol>
      </Stack>
    </Paper>
  );
}

interface StepProps {
  readonly title: string;
  /** Undefined: it is not done. */
  readonly outcome: ReactNode | undefined;
  readonly children: ReactNode;
}

function Step({ title, outcome, isOpen, children }: StepProps & { readonly isOpen: boolean }) {
  const text = useText(firstMessages);
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <Title order={3} size="h5" {...(isOpen || outcome !== undefined ? {} : { c: 'dimmed' })}>
          {title}
        </Title>
        {outcome !== undefined && <Tag color="green">{text.done}</Tag>}
      </Group>
      {outcome !== undefined ? (
        <Text component="div" size="sm">
          {outcome}
        </Text>
      ) : (
        isOpen && children
      )}
    </Stack>
  );
}
