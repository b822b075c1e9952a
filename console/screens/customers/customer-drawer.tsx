// One customer: its balance and what that comes from, ways to its usage, charges and statement, its suspension.

import { Anchor, Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Customer } from '../../api/api-types.ts';
import { useCaller, useMay } from '../../api/caller.ts';
import { useChange, useRead } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { Facts } from '../../parts/facts.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { RemoveThing } from '../../parts/remove-thing.tsx';
import { Section } from '../../parts/section.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { BalanceEntries, Balances } from './balance.tsx';
import { CustomerDialog } from './customer-dialog.tsx';
import { customerMessages } from './messages.ts';

export interface CustomerDrawerProps {
  /** Empty: closed. */
  readonly id: string;
  readonly isEditing: boolean;
  readonly onEdit: () => void;
  readonly onEdited: () => void;
  readonly onClose: () => void;
}

export function CustomerDrawer({ id, isEditing, onEdit, onEdited, onClose }: CustomerDrawerProps) {
  const found = useRead('GET /v1/customers/{id}', { path: { id } }, { enabled: id !== '' });
  const customer = found.data?.id === id ? found.data : undefined;
  return (
    <>
      <SideDrawer isOpen={id !== ''} onClose={onClose} size="xl" title={customer?.name} error={found.error}>
        {customer !== undefined && <Opened customer={customer} onEdit={onEdit} onRemoved={onClose} />}
      </SideDrawer>
      <CustomerDialog
        isOpen={isEditing && customer !== undefined}
        changed={customer}
        onClose={onEdited}
        onSaved={onEdited}
      />
    </>
  );
}

interface OpenedProps {
  readonly customer: Customer;
  readonly onEdit: () => void;
  readonly onRemoved: () => void;
}

function Opened({ customer, onEdit, onRemoved }: OpenedProps) {
  const text = useText(customerMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const mayWrite = useMay('customers:write');
  const mayReadMoney = useMay('charges:read');
  // Whoever belongs to a customer does not suspend it.
  const isOperator = useCaller().customerId === null;
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Ways id={customer.id} />
        {mayWrite && (
          <Button size="xs" variant="default" onClick={onEdit}>
            {common.change}
          </Button>
        )}
      </Group>
      {mayReadMoney && (
        <>
          <Section title={text.balance}>
            <Balances customer={customer} />
          </Section>
          <Section title={text.entries}>
            <BalanceEntries id={customer.id} />
          </Section>
        </>
      )}
      <Section title={text.facts}>
        <Facts
          facts={[
            { name: text.columns.status, value: text.status[customer.status] },
            { name: text.columns.created, value: formats.dateTime(customer.createdAt) },
            { name: text.columns.id, value: customer.id, isMono: true },
          ]}
        />
      </Section>
      {mayWrite && isOperator && (
        <Group>
          <Suspension customer={customer} />
          <RemoveThing
            operation="DELETE /v1/customers/{id}"
            touches="/v1/customers"
            thing={customer}
            text={text}
            onRemoved={onRemoved}
          />
        </Group>
      )}
    </Stack>
  );
}

function Ways({ id }: { readonly id: string }) {
  const text = useText(customerMessages);
  const mayReadUsage = useMay('usage:read');
  const mayReadMoney = useMay('charges:read');
  const customer = `customer=${encodeURIComponent(id)}`;
  return (
    <Group gap="md">
      {mayReadUsage && (
        <Anchor component={Link} href={`/usage?${customer}`} size="sm">
          {text.usage}
        </Anchor>
      )}
      {mayReadUsage && mayReadMoney && (
        <>
          <Anchor component={Link} href={`/usage?tab=charges&${customer}`} size="sm">
            {text.charges}
          </Anchor>
          <Anchor component={Link} href={`/usage?tab=statements&${customer}`} size="sm">
            {text.statement}
          </Anchor>
        </>
      )}
    </Group>
  );
}

function Suspension({ customer: { id, name, status } }: { readonly customer: Customer }) {
  const text = useText(customerMessages);
  const suspend = useChange('POST /v1/customers/{id}/suspend', ['/v1/customers']);
  const reinstate = useChange('POST /v1/customers/{id}/reinstate', ['/v1/customers']);
  const [isAsked, setIsAsked] = useState(false);
  return (
    <>
      {status === 'active' ? (
        <Button color="red" variant="light" onClick={() => setIsAsked(true)}>
          {text.suspend}
        </Button>
      ) : (
        <Button
          variant="default"
          loading={reinstate.isPending}
          onClick={() => reinstate.mutate({ path: { id } })}
        >
          {text.reinstate}
        </Button>
      )}
      <ConfirmDialog
        isOpen={isAsked}
        onClose={() => setIsAsked(false)}
        title={text.suspendTitle}
        words={text.suspendWords}
        action={text.suspend}
        name={name}
        isWorking={suspend.isPending}
        error={suspend.error}
        onConfirm={() => suspend.mutate({ path: { id } }, { onSuccess: () => setIsAsked(false) })}
      />
      {reinstate.error !== null && <ProblemBox error={reinstate.error} />}
    </>
  );
}
