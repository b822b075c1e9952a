// One entry of the audit log: who, when, from where, why, and what differs between before and after.

import { Anchor, Group, Stack, Table, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { AuditEntry } from '../../api/api-types.ts';
import { useRead } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { Facts } from '../../parts/facts.tsx';
import { Section } from '../../parts/section.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { differencesOf, remarksOf } from './differences.ts';
import { auditMessages } from './messages.ts';
import { Outcome } from './outcome.tsx';

export interface AuditDrawerProps {
  /** Empty: closed. */
  readonly id: string;
  readonly onClose: () => void;
}

export function AuditDrawer({ id, onClose }: AuditDrawerProps) {
  const found = useRead('GET /v1/audit/{id}', { path: { id } }, { enabled: id !== '' });
  const entry = found.data?.id === id ? found.data : undefined;
  return (
    <SideDrawer isOpen={id !== ''} onClose={onClose} title={entry?.action} size="xl" error={found.error}>
      {entry !== undefined && <Opened entry={entry} />}
    </SideDrawer>
  );
}

function Opened({ entry }: { readonly entry: AuditEntry }) {
  const text = useText(auditMessages);
  const formats = useFormats();
  const { actor, role, target, address, requestId, customerId } = entry;
  const { reason } = remarksOf(entry.after);
  const link = (label: string, filters: Readonly<Record<string, string>>) => (
    <Anchor component={Link} href={`/audit?${new URLSearchParams(filters).toString()}`} size="sm">
      {label}
    </Anchor>
  );
  return (
    <Stack gap="lg">
      <Facts
        facts={[
          { name: text.columns.at, value: formats.dateTime(entry.at) },
          { name: text.columns.actor, value: `${actor}${role === '' ? '' : ` (${role})`}`, isMono: true },
          { name: text.columns.outcome, value: <Outcome entry={entry} /> },
          { name: text.columns.target, value: `${target.kind} ${target.id}`, isMono: true },
          { name: text.reason, value: reason },
          { name: text.columns.address, value: address, isMono: true },
          { name: text.customer, value: customerId, isMono: true },
          { name: text.request, value: requestId, isMono: true },
          { name: text.id, value: entry.id, isMono: true },
        ]}
      />
      <Group gap="md">
        {target.id !== '' && link(text.links.target, { kind: target.kind, target: target.id })}
        {link(text.links.actor, { actor })}
        {requestId !== null && link(text.links.request, { request: requestId })}
      </Group>
      <Section title={text.changes}>
        <Differences entry={entry} />
      </Section>
    </Stack>
  );
}

function Differences({ entry: { before, after } }: { readonly entry: AuditEntry }) {
  const text = useText(auditMessages);
  const rows = differencesOf(before, after);
  if (rows.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {text.changesNone}
      </Text>
    );
  }
  const cell = (value: string | undefined, look: string) =>
    value === undefined ? (
      <Text size="sm" c="dimmed">
        {text.notThere}
      </Text>
    ) : (
      <span className={`mono breakable difference ${look}`}>{value === '' ? '""' : value}</span>
    );
  return (
    <Table aria-label={text.changes} layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="30%">{text.value}</Table.Th>
          <Table.Th>{text.before}</Table.Th>
          <Table.Th>{text.after}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.path}>
            <Table.Td className="mono breakable">{row.path}</Table.Td>
            <Table.Td>{cell(row.before, 'is-before')}</Table.Td>
            <Table.Td>{cell(row.after, 'is-after')}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
