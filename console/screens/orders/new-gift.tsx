// A product given to a vehicle. Sent twice with the same reference, it is given once.

import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useMay } from '../../api/caller.ts';
import { useChange, useRead } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { Icon } from '../../parts/icon.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { useProductWords } from '../../parts/product-words.ts';
import { useQueryState } from '../../parts/use-query-state.ts';
import { orderMessages } from './messages.ts';

/** The button and the dialog that it opens. */
export function NewGift() {
  const text = useText(orderMessages).gift;
  const common = useText(commonMessages);
  const state = useQueryState();
  const mayGive = useMay('gifts:write');
  if (!mayGive) return null;
  const isOpen = state.get('new') !== '';
  const leave = (): void => state.set({ new: '' });
  return (
    <>
      <Button leftSection={<Icon name="plus" />} onClick={() => state.set({ new: '1' }, 'push')}>
        {text.make}
      </Button>
      <Modal
        opened={isOpen}
        onClose={leave}
        title={text.title}
        closeButtonProps={{ 'aria-label': common.close }}
      >
        {isOpen && <GiftForm vehicle={state.get('vehicle')} onLeave={leave} />}
      </Modal>
    </>
  );
}

interface GiftFormProps {
  readonly vehicle: string;
  readonly onLeave: () => void;
}

function GiftForm({ vehicle, onLeave }: GiftFormProps) {
  const text = useText(orderMessages).gift;
  const common = useText(commonMessages);
  const words = useProductWords();
  const mayRead = useMay('products:read');
  const [form, setForm] = useState({ vehicleId: vehicle, productId: '', reference: '' });
  const [wasSent, setWasSent] = useState(false);
  const give = useChange('POST /v1/gifts', ['/v1/gifts', '/v1/entitlements', '/v1/vehicles']);
  const products = useRead('GET /v1/products', { query: { limit: 100 } }, { enabled: mayRead });
  const faults = {
    vehicleId: !/^[A-Za-z0-9_-]{1,64}$/.test(form.vehicleId) && text.vehicleWrong,
    productId: form.productId === '' && text.productMissing,
    reference: form.reference.trim() === '' && text.referenceMissing,
  };
  const shown = wasSent ? faults : { vehicleId: false, productId: false, reference: false };
  const set = (part: Partial<typeof form>): void => setForm((before) => ({ ...before, ...part }));
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setWasSent(true);
    if (Object.values(faults).some((fault) => fault !== false)) return;
    give.mutate({ body: { ...form, reference: form.reference.trim() } }, { onSuccess: onLeave });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={text.vehicle}
          value={form.vehicleId}
          error={shown.vehicleId}
          onChange={(event) => set({ vehicleId: event.currentTarget.value.trim() })}
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          required
          data-autofocus
        />
        <Select
          label={text.product}
          description={text.productHint}
          data={(products.data?.data ?? []).map(({ id, names }) => ({
            value: id,
            label: words.name(names),
          }))}
          value={form.productId || null}
          error={shown.productId}
          onChange={(productId) => set({ productId: productId ?? '' })}
          searchable
          required
        />
        <TextInput
          label={text.reference}
          description={text.referenceHint}
          value={form.reference}
          error={shown.reference}
          onChange={(event) => set({ reference: event.currentTarget.value })}
          maxLength={100}
          autoComplete="off"
          required
        />
        {give.error !== null && <ProblemBox error={give.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onLeave}>
            {common.cancel}
          </Button>
          <Button type="submit" loading={give.isPending}>
            {text.give}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
