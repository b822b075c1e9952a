// Whose something shall be. A customer's own key makes what is the customer's, and is not asked.

import { Select } from '@mantine/core';
import { useCaller, useMay } from '../api/caller.ts';
import { useRead } from '../api/queries.ts';
import { messages, useText } from '../i18n/messages.ts';

const texts = messages({
  en: { customer: 'Customer', hint: 'Whom it belongs to; empty: the operator' },
  zh: { customer: '客户', hint: '所属客户；留空则属于运营方' },
});

export interface CustomerChoiceProps {
  /** Empty: the operator's. */
  readonly value: string;
  readonly onChange: (id: string) => void;
  /** What is wrong with it. */
  readonly fault?: string | undefined;
}

export function CustomerChoice({ value, onChange, fault }: CustomerChoiceProps) {
  const text = useText(texts);
  const isOperator = useCaller().customerId === null;
  const customers = useRead(
    'GET /v1/customers',
    { query: { limit: 100 } },
    { enabled: useMay('customers:read') && isOperator },
  );
  if (!isOperator) return null;
  return (
    <Select
      label={text.customer}
      placeholder={text.hint}
      data={(customers.data?.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      value={value || null}
      error={fault}
      onChange={(id) => onChange(id ?? '')}
      clearable
      searchable
    />
  );
}
