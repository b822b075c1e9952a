// A customer made, or given another name.

import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import type { Customer } from '../../api/api-types.ts';
import { useChange } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { customerMessages } from './messages.ts';

export interface CustomerDialogProps {
  readonly isOpen: boolean;
  /** Undefined makes a new one. */
  readonly changed?: Customer | undefined;
  readonly onClose: () => void;
  readonly onSaved: (saved: Customer) => void;
}

export function CustomerDialog(props: CustomerDialogProps) {
  const text = useText(customerMessages);
  const common = useText(commonMessages);
  const { isOpen, changed, onClose } = props;
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={changed === undefined ? text.make : text.editTitle(changed.name)}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      {isOpen && <Form {...props} />}
    </Modal>
  );
}

function Form({ changed, onClose, onSaved }: CustomerDialogProps) {
  const text = useText(customerMessages);
  const common = useText(commonMessages);
  const [name, setName] = useState(changed?.name ?? '');
  const [wasSent, setWasSent] = useState(false);
  const create = useChange('POST /v1/customers', ['/v1/customers']);
  const update = useChange('PATCH /v1/customers/{id}', ['/v1/customers']);
  const error = create.error ?? update.error;
  const given = name.trim();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setWasSent(true);
    if (given === '') return;
    const body = { name: given };
    if (changed === undefined) create.mutate({ body }, { onSuccess: onSaved });
    else update.mutate({ path: { id: changed.id }, body }, { onSuccess: onSaved });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={text.name}
          value={name}
          error={wasSent && given === '' && text.nameMissing}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={200}
          required
          data-autofocus
          autoComplete="off"
        />
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
