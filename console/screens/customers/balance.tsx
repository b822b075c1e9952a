// What a customer has left, and the entries that it is the sum of.

import { Button, Group, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { BalanceEntry, Customer } from '../../api/api-types.ts';
import { useCaller, useMay } from '../../api/caller.ts';
import { useList, useRead } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { Figure } from '../../parts/figure.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { Tag, type TagColor } from '../../parts/tag.tsx';
import { EntryDialog, type EntryKind } from './entry-dialog.tsx';
import { customerMessages } from './messages.ts';

const REFRESH_MS = 5000;

export function Balances({ customer }: { readonly customer: Customer }) {
  const text = useText(customerMessages);
  const formats = useFormats();
  const mayWrite = useMay('balances:write');
  // Operators alone enter what comes in.
  const isOperator = useCaller().customerId === null;
  const [kind, setKind] = useState<EntryKind>();
  const { id } = customer;
  const found = useRead('GET /v1/customers/{id}/balance', { path: { id } }, { everyMs: REFRESH_MS });
  if (found.error !== null) return <ProblemBox error={found.error} />;
  const { balances = [] } = found.data ?? {};
  return (
    <Stack gap="sm">
      {balances.length === 0 && found.data !== undefined && (
        <Text size="sm" c="dimmed">
          {text.balanceNone}
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        {balances.map(({ currency, balanceMicros, updatedAt }) => (
          <Figure
            key={currency}
            label={text.balanceOf(currency)}
            value={formats.money(balanceMicros, currency)}
            note={text.balanceAt(formats.dateTime(updatedAt))}
            isWarning={balanceMicros.startsWith('-')}
          />
        ))}
      </SimpleGrid>
      {mayWrite && isOperator && (
        <Group gap="xs">
          <Button size="xs" onClick={() => setKind('topUp')}>
            {text.topUp}
          </Button>
          <Button size="xs" variant="default" onClick={() => setKind('correct')}>
            {text.correct}
          </Button>
        </Group>
      )}
      <EntryDialog
        customer={customer}
        kind={kind}
        currency={balances[0]?.currency ?? 'EUR'}
        onClose={() => setKind(undefined)}
      />
    </Stack>
  );
}

const KIND_COLORS: Readonly<Record<BalanceEntry['kind'], TagColor>> = {
  ...{ top_up: 'green', charge: 'gray', correction: 'orange' },
};

export function BalanceEntries({ id }: { readonly id: string }) {
  const text = useText(customerMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const list = useList(
    'GET /v1/customers/{id}/balance-entries',
    { path: { id }, query: {} },
    { everyMs: REFRESH_MS },
  );
  if (list.error !== null) return <ProblemBox error={list.error} />;
  if (list.rows.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {list.isLoading ? common.loading : text.balanceNone}
      </Text>
    );
  }
  const words = ({ reference, note, charges }: BalanceEntry): string =>
    [reference, note, charges > 0 ? text.chargesOf(formats.number(charges)) : null]
      .filter((part) => part !== null)
      .join(' · ');
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm" c="dimmed">
        {text.entriesWords}
      </Text>
      <Table.ScrollContainer minWidth={560} w="100%">
        <Table aria-label={text.entries}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.entryColumns.at}</Table.Th>
              <Table.Th>{text.entryColumns.kind}</Table.Th>
              <Table.Th ta="right">{text.entryColumns.amount}</Table.Th>
              <Table.Th ta="right">{text.entryColumns.after}</Table.Th>
              <Table.Th>{text.entryColumns.note}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody className="tabular">
            {list.rows.map((entry) => (
              <Table.Tr key={entry.id}>
                <Table.Td>{formats.dateTime(entry.createdAt)}</Table.Td>
                <Table.Td>
                  <Tag color={KIND_COLORS[entry.kind]}>{text.kind[entry.kind]}</Tag>
                </Table.Td>
                <Table.Td ta="right" className="unbroken">
                  {formats.money(entry.amountMicros, entry.currency)}
                </Table.Td>
                <Table.Td ta="right" className="unbroken">
                  {formats.money(entry.balanceMicros, entry.currency)}
                </Table.Td>
                <Table.Td className="breakable">{words(entry)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {list.hasMore && (
        <Button variant="default" size="xs" onClick={list.loadMore} loading={list.isLoadingMore}>
          {common.more}
        </Button>
      )}
    </Stack>
  );
}
