// A service spec made or changed in one form, with what it would make of a real stream beside it.

import { Button, Group, Modal, Stack } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import type { ServiceSpec } from '../../api/api-types.ts';
import { useChange } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { Section } from '../../parts/section.tsx';
import { specMessages } from './messages.ts';
import { SpecFields } from './spec-fields.tsx';
import { changeOf, contentOf, faultsOf, formOf, NEW_SPEC, shapeOf, type SpecForm } from './spec-form.ts';
import { SpecPreview } from './spec-preview.tsx';

export interface SpecDialogProps {
  readonly isOpen: boolean;
  /** Undefined makes a new one. */
  readonly changed?: ServiceSpec | undefined;
  readonly onClose: () => void;
  readonly onSaved: (saved: ServiceSpec) => void;
}

export function SpecDialog(props: SpecDialogProps) {
  const text = useText(specMessages);
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

function Form({ changed, onClose, onSaved }: SpecDialogProps) {
  const text = useText(specMessages);
  const common = useText(commonMessages);
  const [form, setForm] = useState(() => (changed === undefined ? NEW_SPEC : formOf(changed)));
  const [wasSent, setWasSent] = useState(false);
  const create = useChange('POST /v1/service-specs', ['/v1/service-specs']);
  const update = useChange('PATCH /v1/service-specs/{id}', ['/v1/service-specs']);
  const faults = faultsOf(form);
  const error = create.error ?? update.error;
  const set = (part: Partial<SpecForm>): void => setForm((before) => ({ ...before, ...part }));
  const send = (): void => {
    const { customerId } = form;
    if (changed === undefined) {
      const owner = customerId === '' ? {} : { customerId };
      create.mutate({ body: { ...contentOf(form), ...owner } }, { onSuccess: onSaved });
    } else {
      update.mutate({ path: { id: changed.id }, body: changeOf(form, changed) }, { onSuccess: onSaved });
    }
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setWasSent(true);
    if (faults.size === 0) send();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <SpecFields
          form={form}
          set={set}
          faults={wasSent ? faults : new Set()}
          isNew={changed === undefined}
        />
        <Section title={text.preview.title}>
          <SpecPreview shape={shapeOf(form)} mountpoints={form.mountpoints} />
        </Section>
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
