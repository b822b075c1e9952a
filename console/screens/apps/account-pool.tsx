// The accounts of an app: chosen one by one, all that are shown, or the whole pool, and then suspended, reinstated or renewed
// at once, by a job of the server.

import { Anchor, Button, Checkbox, Group, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { Account } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useList } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { Tag, type TagColor } from '../../parts/tag.tsx';
import { PoolActions } from './pool-actions.tsx';
import { appMessages } from './messages.ts';

const STATE_COLORS: Readonly<Record<Account['state'], TagColor>> = {
  ...{ usable: 'green', suspended: 'red', expired: 'orange', not_activated: 'gray' },
};

const NONE: ReadonlySet<string> = new Set();

export function AccountPool({ appId }: { readonly appId: string }) {
  const text = useText(appMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const mayChange = useMay('accounts:write');
  const list = useList('GET /v1/apps/{id}/accounts', { path: { id: appId }, query: {} });
  const [chosen, setChosen] = useState(NONE);
  const [isWhole, setIsWhole] = useState(false);
  if (list.error !== null) return <ProblemBox error={list.error} />;
  if (!list.isLoading && list.rows.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {text.accountsNone}
      </Text>
    );
  }
  const timeOf = (time: string | null): string => (time === null ? common.none : formats.dateTime(time));
  const areAll = list.rows.every(({ id }) => chosen.has(id));
  const choose = (ids: ReadonlySet<string>): void => {
    setChosen(ids);
    setIsWhole(false);
  };
  const isChosen = (id: string): boolean => isWhole || chosen.has(id);
  return (
    <Stack gap="xs" align="flex-start">
      <Table aria-label={text.accounts}>
        <Table.Thead>
          <Table.Tr>
            {mayChange && (
              <Table.Th>
                <Checkbox
                  aria-label={text.bulk.chooseShown}
                  checked={isWhole || areAll}
                  indeterminate={!isWhole && !areAll && chosen.size > 0}
                  onChange={() => choose(areAll || isWhole ? NONE : new Set(list.rows.map(({ id }) => id)))}
                />
              </Table.Th>
            )}
            <Table.Th>{text.accountColumns.username}</Table.Th>
            <Table.Th>{text.accountColumns.state}</Table.Th>
            <Table.Th>{text.accountColumns.valid}</Table.Th>
            <Table.Th>{text.accountColumns.login}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {list.rows.map((account) => (
            <Table.Tr key={account.id}>
              {mayChange && (
                <Table.Td>
                  <Checkbox
                    aria-label={text.bulk.choose(account.username)}
                    checked={isChosen(account.id)}
                    disabled={isWhole}
                    onChange={() => choose(toggled(chosen, account.id))}
                  />
                </Table.Td>
              )}
              <Table.Td className="mono breakable">{account.username}</Table.Td>
              <Table.Td>
                <Tag color={STATE_COLORS[account.state]}>{text.state[account.state]}</Tag>
              </Table.Td>
              <Table.Td>{timeOf(account.validUntil)}</Table.Td>
              <Table.Td>{timeOf(account.lastLoginAt)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group gap="md">
        {list.hasMore && (
          <Button variant="default" size="xs" onClick={list.loadMore} loading={list.isLoadingMore}>
            {common.more}
          </Button>
        )}
        {mayChange && areAll && list.hasMore && !isWhole && (
          <Anchor component="button" type="button" size="sm" onClick={() => setIsWhole(true)}>
            {text.bulk.chooseWhole}
          </Anchor>
        )}
      </Group>
      {(isWhole || chosen.size > 0) && (
        <PoolActions
          selection={isWhole ? { appId } : { ids: [...chosen] }}
          words={isWhole ? text.bulk.whole : text.bulk.chosen(formats.number(chosen.size))}
        />
      )}
    </Stack>
  );
}

function toggled(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const changed = new Set(ids);
  if (!changed.delete(id)) changed.add(id);
  return changed;
}
