// An entry into the balance of a customer: money that came in, or a correction with its reason.

import { Button, Group, Modal, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useMemo, useState, type SubmitEvent } from 'react';
import type { Customer } from '../../api/api-types.ts';
import { useChange } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { NumberField } from '../../parts/number-field.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { customerMessages } from './messages.ts';

export type EntryKind = 'topUp' | 'correct';

const AMOUNT_MAX = 9_000_000_000;
const MICROS = 1_000_000;
const LONG_LIST = { keepMounted: false } as const;

export interface EntryDialogProps {
  readonly customer: Customer;
  /** Undefined: closed. */
  readonly kind: EntryKind | undefined;
  /** Offered first. */
  readonly currency: string;
  readonly onClose: () => void;
}

export function EntryDialog(props: EntryDialogProps) {
  const text = useText(customerMessages);
  const common = useText(commonMessages);
  const { customer, kind, currency, onClose } = props;
  return (
    <Modal
      opened={kind !== undefined}
      onClose={onClose}
      title={kind && `${text.enterTitle[kind]}: ${customer.name}`}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      {kind !== undefined && <Form customer={customer} kind={kind} currency={currency} onClose={onClose} />}
    </Modal>
  );
}

interface FormProps extends EntryDialogProps {
  readonly kind: EntryKind;
}

function Form({ customer: { id }, kind, currency: first, onClose }: FormProps) {
  const text = useText(customerMessages);
  const common = useText(commonMessages);
  const currencies = useMemo(() => Intl.supportedValuesOf('currency'), []);
  const [currency, setCurrency] = useState(first);
  const [amount, setAmount] = useState<number | ''>('');
  const [reference, setReference] = useState('');
  const [note, setNote] = useState('');
  const [wasSent, setWasSent] = useState(false);
  const topUp = useChange('POST /v1/customers/{id}/top-ups', ['/v1/customers']);
  const correct = useChange('POST /v1/customers/{id}/balance-corrections', ['/v1/customers']);
  const error = topUp.error ?? correct.error;
  const isAmount = amount !== '' && amount !== 0;
  const isNoted = kind === 'topUp' || note.trim() !== '';
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setWasSent(true);
    if (!isAmount || !isNoted) return;
    const body = {
      ...{ currency, amountMicros: String(Math.round(amount * MICROS)) },
      ...(reference.trim() === '' ? {} : { reference: reference.trim() }),
    };
    const done = { onSuccess: onClose };
    if (kind === 'correct') correct.mutate({ path: { id }, body: { ...body, note: note.trim() } }, done);
    else {
      const words = note.trim() === '' ? {} : { note: note.trim() };
      topUp.mutate({ path: { id }, body: { ...body, ...words } }, done);
    }
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <SimpleGrid cols={2}>
          <NumberField
            label={text.amount}
            hint={text.amountHint[kind]}
            value={amount}
            onChange={setAmount}
            min={kind === 'topUp' ? 0 : -AMOUNT_MAX}
            max={AMOUNT_MAX}
            decimals={6}
            error={wasSent && !isAmount ? text.amountMissing : undefined}
            isRequired
          />
          <Select
            label={text.currency}
            description={'\u00a0'}
            data={currencies}
            value={currency}
            onChange={(chosen) => chosen !== null && setCurrency(chosen)}
            searchable
            allowDeselect={false}
            comboboxProps={LONG_LIST}
          />
        </SimpleGrid>
        <TextInput
          label={text.reference}
          description={text.referenceHint}
          value={reference}
          onChange={(event) => setReference(event.currentTarget.value)}
          maxLength={100}
          autoComplete="off"
        />
        <TextInput
          label={text.note}
          description={text.noteHint}
          value={note}
          error={wasSent && !isNoted && text.noteMissing}
          onChange={(event) => setNote(event.currentTarget.value)}
          maxLength={500}
          required={kind === 'correct'}
        />
        {error !== null && <ProblemBox error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button type="submit" loading={topUp.isPending || correct.isPending}>
            {text.enter}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
