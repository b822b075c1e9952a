// A key made in one form, then shown this once.

import { Button, Group, Modal, Select, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import type { NewApiKey } from '../../api/api-types.ts';
import { useCaller } from '../../api/caller.ts';
import type { GivenTo } from '../../api/client.ts';
import { useChange } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { CustomerChoice } from '../../parts/customer-choice.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { MadeKey } from './made-key.tsx';
import { keyMessages } from './messages.ts';
import { useGivableRoles } from './roles.ts';

type Role = GivenTo<'POST /v1/api-keys'>['body']['role'];

export interface KeyDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** With the id of the key that was made. */
  readonly onDone: (id: string) => void;
}

export function KeyDialog({ isOpen, onClose, onDone }: KeyDialogProps) {
  const text = useText(keyMessages);
  const common = useText(commonMessages);
  const [made, setMade] = useState<NewApiKey>();
  const done = (id: string): void => {
    setMade(undefined);
    onDone(id);
  };
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      size="lg"
      title={made === undefined ? text.form.title : text.made.title}
      closeButtonProps={{ 'aria-label': common.close }}
      // A slip of the mouse must not lose a secret that is shown once.
      closeOnClickOutside={false}
      closeOnEscape={made === undefined}
      withCloseButton={made === undefined}
    >
      {isOpen &&
        (made === undefined ? (
          <KeyForm onMade={setMade} onCancel={onClose} />
        ) : (
          <MadeKey name={made.name} secret={made.key} onDone={() => done(made.id)} />
        ))}
    </Modal>
  );
}

interface Form {
  readonly name: string;
  readonly role: string;
  readonly customerId: string;
  /** As a date field has it: `2027-01-31`. */
  readonly lastDay: string;
  readonly addresses: string;
}

const NEW_KEY: Form = { name: '', role: '', customerId: '', lastDay: '', addresses: '' };

/** The end of that day where the browser is; null where none is given. */
function endOf(lastDay: string): string | null {
  if (lastDay === '') return null;
  const end = new Date(`${lastDay}T00:00:00`);
  end.setDate(end.getDate() + 1);
  return end.toISOString();
}

function KeyForm({ onMade, onCancel }: { onMade: (made: NewApiKey) => void; onCancel: () => void }) {
  const text = useText(keyMessages).form;
  const common = useText(commonMessages);
  const { roles } = useGivableRoles();
  const [form, setForm] = useState(NEW_KEY);
  const [wasSent, setWasSent] = useState(false);
  const create = useChange('POST /v1/api-keys', ['/v1/api-keys', '/v1/audit']);
  const caller = useCaller();
  const set = (part: Partial<Form>): void => setForm((before) => ({ ...before, ...part }));
  const needsCustomer =
    caller.customerId === null && roles.some(({ role, customerOnly }) => customerOnly && role === form.role);
  const expiresAt = endOf(form.lastDay);
  const faults = {
    ...(form.name.trim() === '' ? { name: text.nameMissing } : {}),
    ...(form.role === '' ? { role: text.roleMissing } : {}),
    ...(needsCustomer && form.customerId === '' ? { customerId: text.customerMissing } : {}),
    ...(expiresAt !== null && Date.parse(expiresAt) <= Date.now() ? { lastDay: text.expiresPast } : {}),
  };
  const shown: typeof faults = wasSent ? faults : {};
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setWasSent(true);
    if (Object.keys(faults).length > 0) return;
    const ipRanges = form.addresses.split(/[\s,]+/).filter(Boolean);
    const body = {
      ...{ name: form.name.trim(), role: form.role as Role, expiresAt },
      ...(form.customerId === '' ? {} : { customerId: form.customerId }),
      ...(ipRanges.length === 0 ? {} : { ipRanges }),
    };
    create.mutate({ body }, { onSuccess: onMade });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={text.name}
          description={text.nameHint}
          value={form.name}
          error={shown.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          maxLength={200}
          required
          data-autofocus
          autoComplete="off"
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label={text.role}
            data={roles.map(({ role }) => ({ value: role, label: common.roles[role] }))}
            value={form.role || null}
            error={shown.role}
            onChange={(role) => set({ role: role ?? '' })}
            required
          />
          <CustomerChoice
            value={form.customerId}
            fault={shown.customerId}
            onChange={(customerId) => set({ customerId })}
          />
        </SimpleGrid>
        <TextInput
          type="date"
          label={text.expires}
          description={text.expiresHint}
          value={form.lastDay}
          error={shown.lastDay}
          onChange={(event) => set({ lastDay: event.currentTarget.value })}
          w={220}
        />
        <Textarea
          label={text.addresses}
          description={text.addressesHint}
          value={form.addresses}
          onChange={(event) => set({ addresses: event.currentTarget.value })}
          rows={2}
          spellCheck={false}
          autoComplete="off"
        />
        {create.error !== null && <ProblemBox error={create.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {common.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
