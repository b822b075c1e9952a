// What an operator may do with an entitlement: suspend it, resume it, and take it away for good; each with a reason, which
// stays in its history.

import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Entitlement } from '../../api/api-types.ts';
import { useChange } from '../../api/queries.ts';
import { useText } from '../../i18n/messages.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { entitlementMessages } from './messages.ts';

type Step = 'suspend' | 'resume' | 'revoke';

/** As docs/entitlements.md has it. */
const STEPS: Readonly<Partial<Record<Entitlement['state'], readonly Step[]>>> = {
  ...{ waiting: ['revoke'], active: ['suspend', 'revoke'], suspended: ['resume', 'revoke'] },
  replaced: ['revoke'],
};

export function EntitlementSteps({ entitlement }: { readonly entitlement: Entitlement }) {
  const text = useText(entitlementMessages);
  const { id, state, vehicleId } = entitlement;
  const touches = ['/v1/entitlements', '/v1/grants'];
  const changes = {
    suspend: useChange('POST /v1/entitlements/{id}/suspend', touches),
    resume: useChange('POST /v1/entitlements/{id}/resume', touches),
    revoke: useChange('POST /v1/entitlements/{id}/revoke', touches),
  };
  const [asked, setAsked] = useState<Step>();
  const [reason, setReason] = useState('');
  const steps = STEPS[state] ?? [];
  const leave = (): void => {
    setAsked(undefined);
    setReason('');
  };
  const confirm = (step: Step): void => {
    const words = reason.trim();
    const body = words === '' ? {} : { reason: words };
    changes[step].mutate({ path: { id }, body }, { onSuccess: leave });
  };
  if (steps.length === 0) return null;
  return (
    <Group>
      {steps.map((step) => (
        <Button
          key={step}
          {...(step === 'resume' ? { variant: 'default' } : { color: 'red', variant: 'light' })}
          onClick={() => setAsked(step)}
        >
          {text.steps[step].action}
        </Button>
      ))}
      {asked !== undefined && (
        <ConfirmDialog
          isOpen
          onClose={leave}
          title={text.steps[asked].title}
          words={text.steps[asked].words}
          action={text.steps[asked].action}
          name={asked === 'resume' ? undefined : vehicleId}
          isWorking={changes[asked].isPending}
          error={changes[asked].error}
          onConfirm={() => confirm(asked)}
        >
          <TextInput
            label={text.reason}
            description={text.reasonHint}
            value={reason}
            maxLength={200}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </ConfirmDialog>
      )}
    </Group>
  );
}
