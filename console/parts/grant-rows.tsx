// Licence grants of a vehicle or of an entitlement, each with the stage that it has come to.

import { useList } from '../api/queries.ts';
import { useFormats } from '../i18n/formats.ts';
import { messages, useText } from '../i18n/messages.ts';
import { StateTag } from './licence-states.tsx';
import { RowsTable } from './rows-table.tsx';

const REFRESH_MS = 5000;

const texts = messages({
  en: {
    table: 'Licence grants',
    none: 'None has been made.',
    part: 'Part',
    seq: 'No.',
    right: 'Says',
    rights: { active: 'may use', revoked: 'may not' },
    stage: 'Stage',
    at: 'Last step',
  },
  zh: {
    table: '授权信息',
    none: '尚未生成。',
    part: '软件件号',
    seq: '序号',
    right: '内容',
    rights: { active: '可用', revoked: '不可用' },
    stage: '阶段',
    at: '最近一步',
  },
});

export interface GrantRowsProps {
  readonly query: { readonly vehicleId: string } | { readonly entitlementId: string };
}

export function GrantRows({ query }: GrantRowsProps) {
  const text = useText(texts);
  const formats = useFormats();
  const list = useList('GET /v1/grants', { query }, { everyMs: REFRESH_MS });
  return (
    <RowsTable
      label={text.table}
      list={list}
      keyOf={({ id }) => id}
      none={text.none}
      columns={[
        { title: text.part, cell: ({ partNumber, version }) => `${partNumber} ${version}`, isMono: true },
        { title: text.seq, cell: ({ seq }) => formats.number(seq) },
        { title: text.right, cell: ({ right }) => text.rights[right] },
        {
          title: text.stage,
          cell: ({ state, receipt }) => (
            <>
              <StateTag of="grant" state={state} />
              {receipt?.reason != null && <div className="mono">{receipt.reason}</div>}
            </>
          ),
        },
        {
          title: text.at,
          cell: ({ receipt, sentAt, createdAt }) => formats.dateTime(receipt?.at ?? sentAt ?? createdAt),
        },
      ]}
    />
  );
}
