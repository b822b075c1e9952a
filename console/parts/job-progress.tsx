// How far a bulk job of the server is, with the rows that went wrong and all rows as a file.

import { Button, Group, Progress, Stack, Table, Text } from '@mantine/core';
import { useEffect, useEffectEvent } from 'react';
import type { Job } from '../api/api-types.ts';
import { call } from '../api/client.ts';
import { useList, useRead, useRefresh } from '../api/queries.ts';
import { useFormats } from '../i18n/formats.ts';
import { messages, useText } from '../i18n/messages.ts';
import { ProblemBox } from './problem-box.tsx';
import { saveFile } from './save-file.ts';

const EVERY_MS = 500;

const texts = messages({
  en: {
    label: 'Progress of the job',
    state: {
      running: 'Working',
      done: 'Done',
      failed: 'Cut short: what is counted has happened, the rest has not',
    },
    counts: (done: string, total: string, failed: string) => `${done} of ${total}, ${failed} not`,
    failed: 'What could not be done',
    columns: { row: 'Row', target: 'About', code: 'Why', detail: 'In words' },
    save: 'All rows as CSV',
  },
  zh: {
    label: '任务进度',
    state: { running: '进行中', done: '已完成', failed: '中断：已计入的已完成，其余未执行' },
    counts: (done: string, total: string, failed: string) => `共 ${total}，完成 ${done}，失败 ${failed}`,
    failed: '未能完成的',
    columns: { row: '行', target: '对象', code: '原因', detail: '说明' },
    save: '全部结果存为 CSV',
  },
});

export interface JobProgressProps {
  /** As its beginning was answered. */
  readonly begun: Job;
}

export function JobProgress({ begun }: JobProgressProps) {
  const text = useText(texts);
  const formats = useFormats();
  const refresh = useRefresh();
  const read = useRead('GET /v1/jobs/{id}', { path: { id: begun.id } }, { everyMs: EVERY_MS });
  const job = read.data ?? begun;
  const isOver = job.state !== 'running';
  const rows = useList(
    'GET /v1/jobs/{id}/rows',
    { path: { id: begun.id }, query: { ok: 'false' } },
    { enabled: isOver && job.failed > 0 },
  );
  const over = useEffectEvent(refresh);
  useEffect(() => {
    if (isOver) over();
  }, [isOver]);
  const share = job.total === 0 ? 100 : ((job.done + job.failed) / job.total) * 100;
  const [done, total, failed] = [job.done, job.total, job.failed].map((count) => formats.number(count));
  return (
    <Stack gap="xs" w="100%">
      <Progress value={share} aria-label={text.label} color={job.failed > 0 ? 'orange' : 'green'} />
      <Group justify="space-between">
        <Text size="sm" role="status">
          {text.state[job.state]} · {text.counts(done!, total!, failed!)}
        </Text>
        {isOver && (
          <Button size="xs" variant="default" onClick={() => void save(job.id)}>
            {text.save}
          </Button>
        )}
      </Group>
      {read.error !== null && <ProblemBox error={read.error} />}
      {rows.rows.length > 0 && (
        <Table aria-label={text.failed}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.columns.row}</Table.Th>
              <Table.Th>{text.columns.target}</Table.Th>
              <Table.Th>{text.columns.code}</Table.Th>
              <Table.Th>{text.columns.detail}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.rows.map(({ row, target, code, detail }) => (
              <Table.Tr key={row}>
                <Table.Td>{formats.number(row + 1)}</Table.Td>
                <Table.Td className="mono breakable">{target}</Table.Td>
                <Table.Td className="mono">{code}</Table.Td>
                <Table.Td className="breakable" lang="en">
                  {detail}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}

async function save(id: string): Promise<void> {
  saveFile(`${id}.csv`, await call('GET /v1/jobs/{id}/rows.csv', { path: { id } }));
}
