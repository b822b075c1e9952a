// What a base's stream carries: each RTCM message with how often it comes.

import { Table } from '@mantine/core';
import type { BaseHealth } from '../api/api-types.ts';
import { useFormats } from '../i18n/formats.ts';
import { messages, useText } from '../i18n/messages.ts';

const texts = messages({
  en: {
    label: 'RTCM messages',
    number: 'Message',
    name: 'What it is',
    interval: 'Interval',
    frames: 'Frames',
    bytes: 'Bytes',
  },
  zh: { label: 'RTCM 电文', number: '电文', name: '含义', interval: '间隔', frames: '帧数', bytes: '字节数' },
});

export function MessageTable({ rows }: { readonly rows: BaseHealth['messages'] }) {
  const text = useText(texts);
  const formats = useFormats();
  return (
    <Table aria-label={text.label}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{text.number}</Table.Th>
          <Table.Th>{text.name}</Table.Th>
          <Table.Th ta="right">{text.interval}</Table.Th>
          <Table.Th ta="right">{text.frames}</Table.Th>
          <Table.Th ta="right">{text.bytes}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody className="tabular">
        {rows.map(({ number, name, intervalMs, frames, bytes }) => (
          <Table.Tr key={number}>
            <Table.Td>{number}</Table.Td>
            <Table.Td lang="en">{name}</Table.Td>
            <Table.Td ta="right">{intervalMs === null ? '–' : formats.seconds(intervalMs / 1000)}</Table.Td>
            <Table.Td ta="right">{formats.number(frames)}</Table.Td>
            <Table.Td ta="right">{formats.bytes(bytes)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
