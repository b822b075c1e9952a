// The statement of a customer for a month: to look at, as a table for a spreadsheet, and as a page to print.

import { Button, Group, Select, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { useMemo } from 'react';
import { useLocation } from 'wouter';
import type { Statement, StatementLine } from '../../api/api-types.ts';
import { useCaller } from '../../api/caller.ts';
import { useFetch, useRead } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { useCountedUnits } from '../../parts/counted-units.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { useNames } from '../../parts/names.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { saveFile } from '../../parts/save-file.ts';
import { useQueryState } from '../../parts/use-query-state.ts';
import { Figure } from '../../parts/figure.tsx';
import { usageMessages } from './messages.ts';
import { RangeWords } from './range-words.tsx';

const MONTH_LENGTH = '2026-11'.length;
const LONG_LIST = { keepMounted: false } as const;

type Asked = { readonly customerId?: string; readonly month: string; readonly timeZone: string };

export function StatementsTab() {
  const all = useText(usageMessages);
  const text = all.statements;
  const state = useQueryState();
  const names = useNames();
  const { customerId: own } = useCaller();
  const zones = useMemo(() => [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])], []);
  const chosen = state.get('customer');
  const month = state.get('month') || new Date().toISOString().slice(0, MONTH_LENGTH);
  const timeZone = state.get('zone') || 'UTC';
  const customerId = own ?? chosen;
  const asked: Asked = { ...(own === null ? { customerId } : {}), month, timeZone };
  return (
    <Stack gap="md">
      <Group gap="sm" align="flex-end">
        {own === null && (
          <Select
            label={all.filters.customer}
            placeholder={text.choose}
            data={names.customers.map(({ id, name }) => ({ value: id, label: name }))}
            value={chosen || null}
            onChange={(id) => state.set({ customer: id ?? '' })}
            searchable
            w={240}
          />
        )}
        <TextInput
          label={text.month}
          type="month"
          value={month}
          onChange={(event) => state.set({ month: event.currentTarget.value })}
          w={180}
        />
        <Select
          label={text.timeZone}
          data={zones}
          value={timeZone}
          onChange={(zone) => state.set({ zone: zone === 'UTC' ? '' : (zone ?? '') })}
          searchable
          limit={100}
          allowDeselect={false}
          comboboxProps={LONG_LIST}
          w={200}
        />
      </Group>
      {customerId === '' ? (
        <EmptyState title={text.choose} words={text.chooseWords} />
      ) : (
        <Shown asked={asked} />
      )}
    </Stack>
  );
}

function Shown({ asked }: { readonly asked: Asked }) {
  const text = useText(usageMessages).statements;
  const formats = useFormats();
  const found = useRead('GET /v1/statements', { query: asked });
  if (found.error !== null) return <ProblemBox error={found.error} />;
  if (found.data === undefined) return null;
  const statement = found.data;
  const name = statement.customerName ?? statement.customerId;
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end">
        <div>
          <Title order={2} size="h4">
            {text.of(name, statement.month)}
          </Title>
          <RangeWords from={statement.from} to={statement.to} />
          <Text size="sm" c="dimmed">
            {`${statement.isFinal ? text.final : text.running} ${text.made(formats.dateTime(statement.createdAt))}`}
          </Text>
        </div>
        <Files asked={asked} name={`statement-${statement.customerId}-${statement.month}`} />
      </Group>
      {statement.totals.length > 0 && (
        <Group gap="sm">
          {statement.totals.map(({ currency, amountMicros }) => (
            <Figure
              key={currency}
              label={`${text.total}, ${currency}`}
              value={formats.money(amountMicros, currency)}
            />
          ))}
        </Group>
      )}
      {statement.lines.length === 0 ? <Text>{text.none}</Text> : <Lines statement={statement} />}
      <Balances statement={statement} />
    </Stack>
  );
}

function Files({ asked, name }: { readonly asked: Asked; readonly name: string }) {
  const all = useText(usageMessages);
  const csv = useFetch('GET /v1/statements.csv');
  const page = useFetch('GET /v1/statements.html');
  const error = csv.error ?? page.error;
  return (
    <Stack gap="xs" align="flex-end">
      <Group gap="xs">
        <Button
          variant="default"
          loading={csv.isPending}
          onClick={() =>
            csv.mutate({ query: asked }, { onSuccess: (lines) => saveFile(`${name}.csv`, lines) })
          }
        >
          {all.csv}
        </Button>
        <Button
          variant="default"
          loading={page.isPending}
          onClick={() =>
            page.mutate(
              { query: asked },
              { onSuccess: (html) => saveFile(`${name}.html`, html, 'text/html') },
            )
          }
        >
          {all.statements.print}
        </Button>
      </Group>
      {error !== null && <ProblemBox error={error} />}
    </Stack>
  );
}

function Lines({ statement }: { readonly statement: Statement }) {
  const text = useText(usageMessages).statements;
  const common = useText(commonMessages);
  const formats = useFormats();
  const units = useCountedUnits();
  const [, navigate] = useLocation();
  const addressOf = ({ appId, billingPlanId }: StatementLine): string => {
    const { customerId, from, to } = statement;
    const filters = { tab: 'charges', period: 'own', customer: customerId, from, to };
    const line = { ...filters, app: appId ?? '', plan: billingPlanId ?? '' };
    return `/usage?${new URLSearchParams(Object.entries(line).filter(([, value]) => value !== '')).toString()}`;
  };
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table aria-label={text.lines} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.app}</Table.Th>
            <Table.Th>{text.plan}</Table.Th>
            <Table.Th>{text.period}</Table.Th>
            <Table.Th ta="right">{text.units}</Table.Th>
            <Table.Th ta="right">{text.charges}</Table.Th>
            <Table.Th ta="right">{text.amount}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="tabular">
          {statement.lines.map((line) => (
            <Table.Tr key={JSON.stringify(line)}>
              <Table.Td>{line.appName ?? line.appId ?? common.none}</Table.Td>
              <Table.Td>{line.billingPlanName ?? line.billingPlanId ?? common.none}</Table.Td>
              <Table.Td>{line.periodKey}</Table.Td>
              <Table.Td ta="right">{units(line.counts, line.units)}</Table.Td>
              <Table.Td ta="right">
                <Button variant="subtle" size="compact-sm" onClick={() => navigate(addressOf(line))}>
                  {formats.number(line.charges)}
                </Button>
              </Table.Td>
              <Table.Td ta="right">{formats.money(line.amountMicros, line.currency)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Balances({ statement: { balances } }: { readonly statement: Statement }) {
  const text = useText(usageMessages).statements;
  const formats = useFormats();
  if (balances === null || balances.length === 0) return null;
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table aria-label={text.balances}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.balances}</Table.Th>
            <Table.Th ta="right">{text.opening}</Table.Th>
            <Table.Th ta="right">{text.topUps}</Table.Th>
            <Table.Th ta="right">{text.charged}</Table.Th>
            <Table.Th ta="right">{text.corrections}</Table.Th>
            <Table.Th ta="right">{text.closing}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="tabular">
          {balances.map((one) => (
            <Table.Tr key={one.currency}>
              <Table.Td>{one.currency}</Table.Td>
              {[
                one.openingMicros,
                one.topUpMicros,
                one.chargeMicros,
                one.correctionMicros,
                one.closingMicros,
              ].map((micros, index) => (
                <Table.Td key={index} ta="right">
                  {formats.money(micros, one.currency)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
