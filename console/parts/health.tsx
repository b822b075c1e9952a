// How well a base does, as facts and as a table of its systems. Used for a base's session and for its mountpoint.

import { Stack, Table } from '@mantine/core';
import type { BaseHealth } from '../api/api-types.ts';
import { useFormats } from '../i18n/formats.ts';
import { messages, useText } from '../i18n/messages.ts';
import { Facts } from './facts.tsx';
import { Tag } from './tag.tsx';

const faultMessages = messages({
  en: {
    silent: 'silent',
    incomplete: 'incomplete',
    constellation_lost: 'constellation lost',
    clock_wrong: 'clock wrong',
  },
  zh: {
    silent: '无数据',
    incomplete: '历元缺失',
    constellation_lost: '星座丢失',
    clock_wrong: '时钟异常',
  },
});

const texts = messages({
  en: {
    well: 'well',
    state: 'State',
    silent: 'Last heard',
    ago: (span: string) => `${span} ago`,
    interval: 'Interval',
    completeness: 'Complete',
    gaps: 'Gaps',
    slips: 'Cycle slips',
    crc: 'Damaged frames',
    age: 'Age on arrival',
    station: 'Station',
    position: 'Position (ECEF)',
    moves: 'Moved',
    systems: 'Systems of the base',
    system: 'System',
    satellites: 'Satellites',
    usual: 'Usual',
    signals: 'Signals',
    lost: 'lost',
  },
  zh: {
    well: '正常',
    state: '状态',
    silent: '最近收到',
    ago: (span: string) => `${span}前`,
    interval: '间隔',
    completeness: '完整率',
    gaps: '中断次数',
    slips: '周跳',
    crc: '校验错误帧',
    age: '到达时的龄期',
    station: '站号',
    position: '坐标（ECEF）',
    moves: '移动次数',
    systems: '基准站的卫星系统',
    system: '系统',
    satellites: '卫星数',
    usual: '平时',
    signals: '信号数',
    lost: '丢失',
  },
});

export function HealthBadges({ health }: { readonly health: BaseHealth }) {
  const text = useText(texts);
  const faults = useText(faultMessages);
  if (health.faults.length === 0) return <Tag color="green">{text.well}</Tag>;
  return health.faults.map((fault) => (
    <Tag key={fault} color="red">
      {faults[fault]}
    </Tag>
  ));
}

export function HealthFacts({ health }: { readonly health: BaseHealth }) {
  const text = useText(texts);
  const formats = useFormats();
  const { position } = health;
  return (
    <Stack gap="sm">
      <Facts
        facts={[
          { name: text.state, value: <HealthBadges health={health} /> },
          { name: text.silent, value: text.ago(formats.span(health.silentMs)) },
          { name: text.interval, value: health.intervalMs && formats.seconds(health.intervalMs / 1000) },
          {
            name: text.completeness,
            value: health.completeness !== null && formats.percent(health.completeness),
          },
          { name: text.age, value: health.ageMs !== null && formats.seconds(health.ageMs / 1000) },
          { name: text.gaps, value: formats.number(health.gaps) },
          { name: text.slips, value: formats.number(health.cycleSlips) },
          { name: text.crc, value: formats.number(health.crcErrors) },
          { name: text.station, value: position?.station.toString() ?? null },
          { name: text.position, value: position?.ecefM.map((m) => formats.number(m, 3)).join(', ') ?? null },
          { name: text.moves, value: health.stationMoves === 0 ? null : formats.number(health.stationMoves) },
        ]}
      />
      {health.systems.length > 0 && (
        <Table aria-label={text.systems}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.system}</Table.Th>
              <Table.Th ta="right">{text.satellites}</Table.Th>
              <Table.Th ta="right">{text.usual}</Table.Th>
              <Table.Th ta="right">{text.signals}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody className="tabular">
            {health.systems.map((each) => (
              <Table.Tr key={each.system}>
                <Table.Td>
                  {each.system} {each.isLost && <Tag color="red">{text.lost}</Tag>}
                </Table.Td>
                <Table.Td ta="right">{formats.number(each.satellites)}</Table.Td>
                <Table.Td ta="right">{formats.number(each.usualSatellites)}</Table.Td>
                <Table.Td ta="right">{formats.number(each.signals)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}
