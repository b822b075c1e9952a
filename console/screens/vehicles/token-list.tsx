// Enrolment tokens: with each, one vehicle gets its first certificate.

import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { EnrolmentToken } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useChange, useList } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { ListFrame } from '../../parts/list-frame.tsx';
import { Tag } from '../../parts/tag.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { VehicleFilter } from '../../parts/vehicle-filter.tsx';
import { vehicleMessages } from './messages.ts';
import { NewToken } from './new-token.tsx';

const REFRESH_MS = 10_000;

export function TokenList() {
  const text = useText(vehicleMessages);
  const state = useQueryState();
  const find = state.get('find');
  const list = useList(
    'GET /v1/enrolment-tokens',
    { query: find === '' ? {} : { vehicleId: find } },
    { everyMs: REFRESH_MS },
  );
  const [withdrawn, setWithdrawn] = useState<EnrolmentToken>();
  const columns = useColumns(setWithdrawn);
  return (
    <>
      <ListFrame
        label={text.tabs.tokens}
        list={list}
        columns={columns}
        keyOf={({ id }) => id}
        texts={text.tokens}
        isFiltered={find !== ''}
        onClearFilters={() => state.set({ find: '' })}
        action={<NewToken />}
        filters={<VehicleFilter value={find} onChange={(value) => state.set({ find: value })} />}
      />
      {withdrawn !== undefined && <Withdrawal token={withdrawn} onClose={() => setWithdrawn(undefined)} />}
    </>
  );
}

function useColumns(withdraw: (token: EnrolmentToken) => void): readonly Column<EnrolmentToken>[] {
  const text = useText(vehicleMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const mayWithdraw = useMay('vehicles:write');
  return useMemo(() => {
    const { columns } = text.tokens;
    const isOpen = ({ usedAt, expiresAt }: EnrolmentToken): boolean =>
      usedAt === null && Date.parse(expiresAt) > Date.now();
    return [
      {
        ...{ id: 'vehicle', title: columns.vehicle, minPx: 200, grow: 1.4 },
        cell: ({ vehicleId }) => <span className="mono">{vehicleId}</span>,
      },
      {
        ...{ id: 'state', title: columns.state, minPx: 120 },
        cell: (token) => {
          if (token.usedAt !== null) return <Tag color="green">{columns.used}</Tag>;
          return isOpen(token) ? (
            <Tag color="blue">{columns.open}</Tag>
          ) : (
            <Tag color="gray">{columns.over}</Tag>
          );
        },
      },
      {
        ...{ id: 'expires', title: columns.expires, minPx: 180, grow: 1 },
        cell: ({ expiresAt }) => formats.dateTime(expiresAt),
      },
      {
        ...{ id: 'used', title: columns.usedAt, minPx: 180, grow: 1 },
        cell: ({ usedAt }) => (usedAt === null ? common.none : formats.dateTime(usedAt)),
      },
      {
        ...{ id: 'created', title: text.columns.created, minPx: 180, grow: 1 },
        cell: ({ createdAt }) => formats.dateTime(createdAt),
      },
      ...(mayWithdraw
        ? [
            {
              ...{ id: 'withdraw', title: columns.withdraw, minPx: 110 },
              cell: (token: EnrolmentToken) =>
                isOpen(token) && (
                  <Button
                    size="compact-xs"
                    color="red"
                    variant="light"
                    aria-label={columns.withdrawOne(token.vehicleId)}
                    onClick={() => withdraw(token)}
                  >
                    {columns.withdraw}
                  </Button>
                ),
            },
          ]
        : []),
    ] satisfies readonly Column<EnrolmentToken>[];
  }, [text, common, formats, mayWithdraw, withdraw]);
}

interface WithdrawalProps {
  readonly token: EnrolmentToken;
  readonly onClose: () => void;
}

function Withdrawal({ token: { id, vehicleId }, onClose }: WithdrawalProps) {
  const text = useText(vehicleMessages).tokens;
  const remove = useChange('DELETE /v1/enrolment-tokens/{id}', ['/v1/enrolment-tokens']);
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={text.withdrawTitle}
      words={text.withdrawWords(vehicleId)}
      action={text.columns.withdraw}
      isWorking={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ path: { id } }, { onSuccess: onClose })}
    />
  );
}
