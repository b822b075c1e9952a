// Orders whose money, entitlement, grant or receipt does not fit: looked for from the oldest on, a stretch at a time.

import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Reconciliation as Looked } from '../../api/api-types.ts';
import { call, type ApiError } from '../../api/client.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { StateTag } from '../../parts/licence-states.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { useProductWords } from '../../parts/product-words.ts';
import { RowsTable } from '../../parts/rows-table.tsx';
import { entitlementMessages } from './messages.ts';

interface Search {
  readonly looked: number;
  readonly found: Looked['data'];
  readonly isRunning: boolean;
  readonly isWhole: boolean;
  readonly error: ApiError | null;
}

const BEFORE: Search = { looked: 0, found: [], isRunning: false, isWhole: false, error: null };

export function Reconciliation() {
  const text = useText(entitlementMessages).reconciliation;
  const formats = useFormats();
  const words = useProductWords();
  const [search, setSearch] = useState(BEFORE);
  const look = async (): Promise<void> => {
    let now: Search = { ...BEFORE, isRunning: true };
    setSearch(now);
    let after: string | null = null;
    try {
      do {
        const query: { after?: string } = after === null ? {} : { after };
        const part: Looked = await call('GET /v1/licensing/reconciliation', { query });
        now = { ...now, looked: now.looked + part.looked, found: [...now.found, ...part.data] };
        setSearch(now);
        after = part.next;
      } while (after !== null);
      setSearch({ ...now, isRunning: false, isWhole: true });
    } catch (error) {
      setSearch({ ...now, isRunning: false, error: error as ApiError });
    }
  };
  return (
    <Stack gap="sm">
      <Text size="sm" maw={720}>
        {text.words}
      </Text>
      <Group>
        <Button onClick={() => void look()} loading={search.isRunning}>
          {text.look}
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {(search.isRunning || search.isWhole) &&
            text.looked(formats.number(search.looked), formats.number(search.found.length))}
        </Text>
      </Group>
      {search.error !== null && <ProblemBox error={search.error} />}
      {(search.found.length > 0 || search.isWhole) && (
        <RowsTable
          label={text.table}
          list={{ rows: search.found, isLoading: false, error: null }}
          keyOf={({ order }) => order.id}
          none={text.allFit}
          columns={[
            {
              title: text.order,
              cell: ({ order }) => (
                <Anchor component={Link} href={`/orders?order=${encodeURIComponent(order.id)}`} size="sm">
                  {words.name(order.product.names)}
                </Anchor>
              ),
            },
            { title: text.vehicle, cell: ({ order }) => order.vehicleId, isMono: true },
            { title: text.state, cell: ({ order }) => <StateTag of="order" state={order.state} /> },
            {
              title: text.findings,
              cell: ({ findings }) =>
                findings.map((finding) => <div key={finding}>{text.finding[finding]}</div>),
            },
            { title: text.changed, cell: ({ order }) => formats.dateTime(order.updatedAt) },
          ]}
        />
      )}
    </Stack>
  );
}
