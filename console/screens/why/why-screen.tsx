// Why can't it connect? One word that a user can tell, and what the server knows: whether it is connected, whether its
// account could log in, at which step it was refused and what to do, and how its last sessions ended.

import { Alert, Button, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import type { ClosedSession, Refusal } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { FIRST_FILTER } from '../../parts/first-filter.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { Section } from '../../parts/section.tsx';
import { Tag } from '../../parts/tag.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { useFindings } from './findings.ts';
import { whyMessages } from './messages.ts';

export function WhyScreen() {
  const text = useText(whyMessages);
  const state = useQueryState();
  const asked = state.get('who');
  const [who, setWho] = useState(asked);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    state.set({ who: who.trim() }, 'push');
  };
  return (
    <Stack gap="lg">
      <form onSubmit={submit} noValidate>
        <Stack gap="xs">
          <Text size="sm" c="dimmed">
            {text.lead}
          </Text>
          <Group align="flex-end" gap="sm">
            <TextInput
              {...FIRST_FILTER}
              label={text.who}
              value={who}
              onChange={(event) => setWho(event.currentTarget.value)}
              maxLength={256}
              autoComplete="off"
              spellCheck={false}
              w={340}
            />
            <Button type="submit">{text.look}</Button>
          </Group>
        </Stack>
      </form>
      {asked !== '' && <Findings key={asked} who={asked} />}
    </Stack>
  );
}

function Findings({ who }: { readonly who: string }) {
  const text = useText(whyMessages);
  const mayReadAccounts = useMay('accounts:read');
  const { session, account, refusals, closed, error, isLoading } = useFindings(who, mayReadAccounts);
  if (error !== null) return <ProblemBox error={error} />;
  if (isLoading) return null;
  return (
    <Stack gap="lg">
      <Section level={2} title={text.now}>
        <Alert color={session === undefined ? 'gray' : 'green'} variant="light" role="status">
          {session === undefined
            ? text.notConnected
            : text.connected(session.servedMountpoint ?? session.mountpoint)}
        </Alert>
      </Section>
      {account !== undefined && (
        <Section level={2} title={text.account}>
          <Group gap="xs">
            <Tag color={account.state === 'usable' ? 'green' : 'red'}>{account.username}</Tag>
            <Text size="sm">{text.accountStates[account.state]}</Text>
          </Group>
        </Section>
      )}
      <Section level={2} title={text.refusals}>
        <Refusals rows={refusals} />
      </Section>
      <Section level={2} title={text.ended}>
        <Ended rows={closed} />
      </Section>
    </Stack>
  );
}

function Refusals({ rows }: { readonly rows: readonly Refusal[] }) {
  const text = useText(whyMessages);
  const formats = useFormats();
  if (rows.length === 0) return <Text size="sm">{text.refusalsNone}</Text>;
  return (
    <Table aria-label={text.refusals}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{text.when}</Table.Th>
          <Table.Th>{text.times}</Table.Th>
          <Table.Th>{text.reason}</Table.Th>
          <Table.Th>{text.todo}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.id}>
            <Table.Td className="tabular">{formats.dateTime(row.lastAt)}</Table.Td>
            <Table.Td className="tabular">{formats.number(row.count)}</Table.Td>
            <Table.Td className="breakable">
              <span className="mono">{row.reason}</span>
              <Text size="sm" c="dimmed">
                {row.meaning} · {row.mountpoint} · {row.address}
              </Text>
            </Table.Td>
            <Table.Td className="breakable">{row.fix}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Ended({ rows }: { readonly rows: readonly ClosedSession[] }) {
  const text = useText(whyMessages);
  const formats = useFormats();
  if (rows.length === 0) return <Text size="sm">{text.endedNone}</Text>;
  return (
    <Table aria-label={text.ended}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{text.when}</Table.Th>
          <Table.Th>{text.reason}</Table.Th>
          <Table.Th>{text.lasted}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.id}>
            <Table.Td className="tabular">{formats.dateTime(row.endedAt)}</Table.Td>
            <Table.Td className="breakable">
              <span className="mono">{row.reason}</span> · {row.mountpoint} · {row.address}
            </Table.Td>
            <Table.Td className="tabular">{formats.span(row.durationMs)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
