// A billing plan made or changed in one form, with what a month would cost beside it.

import { Button, Group, Modal, Stack } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import type { BillingPlan } from '../../api/api-types.ts';
import { useChange } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { Section } from '../../parts/section.tsx';
import { planMessages } from './messages.ts';
import { PlanFields } from './plan-fields.tsx';
import { changeOf, contentOf, faultsOf, formOf, NEW_PLAN, newPlanOf, type PlanForm } from './plan-form.ts';
import { PlanPreview } from './plan-preview.tsx';

export interface PlanDialogProps {
  readonly isOpen: boolean;
  /** Undefined makes a new one. */
  readonly changed?: BillingPlan | undefined;
  readonly onClose: () => void;
  readonly onSaved: (saved: BillingPlan) => void;
}

export function PlanDialog(props: PlanDialogProps) {
  const text = useText(planMessages);
  const common = useText(commonMessages);
  const { isOpen, changed, onClose } = props;
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      size="xl"
      title={changed === undefined ? text.make : text.editTitle(changed.name)}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      {isOpen && <Form {...props} />}
    </Modal>
  );
}

function Form({ changed, onClose, onSaved }: PlanDialogProps) {
  const text = useText(planMessages);
  const common = useText(commonMessages);
  const [form, setForm] = useState(() => (changed === undefined ? NEW_PLAN : formOf(changed)));
  const [wasSent, setWasSent] = useState(false);
  const create = useChange('POST /v1/billing-plans', ['/v1/billing-plans']);
  const update = useChange('PATCH /v1/billing-plans/{id}', ['/v1/billing-plans']);
  const faults = faultsOf(form);
  const error = create.error ?? update.error;
  const set = (part: Partial<PlanForm>): void => setForm((before) => ({ ...before, ...part }));
  const send = (): void => {
    if (changed === undefined) create.mutate({ body: newPlanOf(form) }, { onSuccess: onSaved });
    else update.mutate({ path: { id: changed.id }, body: changeOf(form) }, { onSuccess: onSaved });
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setWasSent(true);
    if (faults.size === 0) send();
  };
  const mayPreview = (['price', 'period', 'tiers', 'prices'] as const).every((fault) => !faults.has(fault));
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <PlanFields
          form={form}
          set={set}
          faults={wasSent ? faults : new Set()}
          isNew={changed === undefined}
        />
        {mayPreview && (
          <Section title={text.preview.title}>
            <PlanPreview plan={contentOf(form)} />
          </Section>
        )}
        {error !== null && <ProblemBox error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending || update.isPending}>
            {changed === undefined ? common.create : common.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
