// Who changed one thing, and when, as the audit log has it: the latest first.

import type { AuditEntry } from '../api/api-types.ts';
import { useMay } from '../api/caller.ts';
import { useList } from '../api/queries.ts';
import { useFormats } from '../i18n/formats.ts';
import { messages, useText } from '../i18n/messages.ts';
import { RowsTable } from './rows-table.tsx';
import { Section } from './section.tsx';

const texts = messages({
  en: {
    title: 'History',
    at: 'Time',
    who: 'Who',
    action: 'Action',
    changed: 'Changed',
    none: 'Nothing is noted of it.',
  },
  zh: { title: '变更记录', at: '时间', who: '操作者', action: '操作', changed: '变更项', none: '没有记录。' },
});

export interface ChangeHistoryProps {
  /** As the audit log names it, such as `product`. */
  readonly kind: string;
  readonly id: string;
}

export function ChangeHistory({ kind, id }: ChangeHistoryProps) {
  const text = useText(texts);
  const formats = useFormats();
  const mayRead = useMay('audit:read');
  const list = useList(
    'GET /v1/audit',
    { query: { targetKind: [kind], targetId: [id] } },
    { enabled: mayRead },
  );
  if (!mayRead) return null;
  return (
    <Section title={text.title}>
      <RowsTable
        label={text.title}
        list={list}
        keyOf={(entry) => entry.id}
        none={text.none}
        columns={[
          { title: text.at, cell: ({ at }) => formats.dateTime(at) },
          { title: text.who, cell: ({ actor }) => actor, isMono: true },
          { title: text.action, cell: ({ action }) => action, isMono: true },
          { title: text.changed, cell: (entry) => changedOf(entry).join(', '), isMono: true },
        ]}
      />
    </Section>
  );
}

/** The fields that are different afterwards, where it was there before. */
function changedOf({ before, after }: AuditEntry): string[] {
  if (!isFields(before) || !isFields(after)) return [];
  return Object.keys(after).filter(
    (name) => name !== 'updatedAt' && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
