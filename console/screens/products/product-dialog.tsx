// A product made or changed, in one form, with what the vehicle will get beside it.

import { Button, Group, Modal, Paper, Stack, Title } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import type { Product } from '../../api/api-types.ts';
import { useChange } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { productMessages } from './messages.ts';
import { ProductFields } from './product-fields.tsx';
import { contentOf, faultsOf, formOf } from './product-form.ts';
import { WhatVehicleGets } from './what-vehicle-gets.tsx';

export interface ProductDialogProps {
  readonly isOpen: boolean;
  /** Undefined makes a new one. */
  readonly changed?: Product | undefined;
  readonly onClose: () => void;
  readonly onSaved: (saved: Product) => void;
}

export function ProductDialog(props: ProductDialogProps) {
  const text = useText(productMessages);
  const common = useText(commonMessages);
  const { isOpen, changed, onClose } = props;
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      size="xl"
      title={changed === undefined ? text.make : text.editTitle}
      closeButtonProps={{ 'aria-label': common.close }}
      closeOnClickOutside={false}
    >
      {isOpen && <ProductDialogForm {...props} />}
    </Modal>
  );
}

function ProductDialogForm({ changed, onClose, onSaved }: ProductDialogProps) {
  const text = useText(productMessages);
  const common = useText(commonMessages);
  const [form, setForm] = useState(() => formOf(changed));
  const [wasSent, setWasSent] = useState(false);
  const create = useChange('POST /v1/products', ['/v1/products']);
  const update = useChange('PATCH /v1/products/{id}', ['/v1/products', '/v1/audit']);
  const faults = faultsOf(form);
  const content = contentOf(form);
  const error = create.error ?? update.error;

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setWasSent(true);
    if (faults.size > 0) return;
    if (changed === undefined) {
      const owner = form.customerId === '' ? {} : { customerId: form.customerId };
      create.mutate({ body: { ...content, ...owner } }, { onSuccess: onSaved });
    } else {
      // The part is what the product is for, and stays.
      const { partNumber: _part, ...body } = content;
      update.mutate({ path: { id: changed.id }, body }, { onSuccess: onSaved });
    }
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <ProductFields
          form={form}
          set={(part) => setForm((before) => ({ ...before, ...part }))}
          faults={wasSent ? faults : new Set()}
          isNew={changed === undefined}
        />
        <Paper withBorder p="md" component="section" aria-label={text.gets.title}>
          <Stack gap="xs">
            <Title order={3} size="h5">
              {text.gets.title}
            </Title>
            <WhatVehicleGets product={content} />
          </Stack>
        </Paper>
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
