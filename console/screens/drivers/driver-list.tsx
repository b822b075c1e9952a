// The drivers; one opened, with the vehicles that he has or claims, and his suspension.

import { Anchor, Button, Group, Stack, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import type { Driver } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useChange, useList } from '../../api/queries.ts';
import { useFresh } from '../../api/use-fresh.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ChangeHistory } from '../../parts/change-history.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { FIRST_FILTER } from '../../parts/first-filter.ts';
import { Icon } from '../../parts/icon.tsx';
import { StateTag } from '../../parts/licence-states.tsx';
import { ListFrame } from '../../parts/list-frame.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { RowsTable } from '../../parts/rows-table.tsx';
import { Section } from '../../parts/section.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { driverMessages } from './messages.ts';

const REFRESH_MS = 10_000;
const EVENTS = ['driver_'];
const STALE = ['/v1/drivers'];

export function DriverList() {
  const text = useText(driverMessages);
  const state = useQueryState();
  const find = state.get('find');
  // The API takes a whole address and refuses a part of one.
  const email = /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(find) ? find : undefined;
  const list = useList(
    'GET /v1/drivers',
    { query: email === undefined ? {} : { email } },
    { everyMs: REFRESH_MS },
  );
  useFresh(EVENTS, STALE);
  const openId = state.get('driver');
  const opened = list.rows.find(({ id }) => id === openId);
  return (
    <>
      <ListFrame
        label={text.tabs.drivers}
        list={list}
        columns={useColumns()}
        keyOf={({ id }) => id}
        selectedKey={openId}
        onOpen={({ id }) => state.set({ driver: id }, 'push')}
        texts={text.drivers}
        isFiltered={email !== undefined}
        onClearFilters={() => state.set({ find: '' })}
        filters={
          <TextInput
            {...FIRST_FILTER}
            label={text.email}
            placeholder={text.emailHint}
            value={find}
            onChange={(event) => state.set({ find: event.currentTarget.value })}
            leftSection={<Icon name="search" />}
            maxLength={254}
            w={300}
          />
        }
      />
      <SideDrawer
        isOpen={opened !== undefined}
        onClose={() => state.set({ driver: '' })}
        title={opened?.name}
        size="lg"
      >
        {opened !== undefined && <Opened key={opened.id} driver={opened} />}
      </SideDrawer>
    </>
  );
}

function useColumns(): readonly Column<Driver>[] {
  const text = useText(driverMessages);
  const formats = useFormats();
  return useMemo(
    () =>
      [
        { ...{ id: 'name', title: text.name, minPx: 180, grow: 1 }, cell: ({ name }) => name },
        { ...{ id: 'email', title: text.email, minPx: 220, grow: 1.4 }, cell: ({ email }) => email },
        {
          ...{ id: 'status', title: text.state, minPx: 110 },
          cell: ({ status }) => <StateTag of="driver" state={status} />,
        },
        {
          ...{ id: 'created', title: text.signedUp, minPx: 180, grow: 0.6 },
          cell: ({ createdAt }) => formats.dateTime(createdAt),
        },
      ] satisfies readonly Column<Driver>[],
    [text, formats],
  );
}

function Opened({ driver }: { readonly driver: Driver }) {
  const text = useText(driverMessages);
  const formats = useFormats();
  const [mayWrite, mayReadOrders] = [useMay('drivers:write'), useMay('orders:read')];
  const claims = useList('GET /v1/vehicle-claims', { query: { driverId: driver.id } });
  return (
    <Stack gap="lg">
      {mayReadOrders && (
        <Anchor component={Link} href={`/orders?driver=${encodeURIComponent(driver.id)}`} size="sm">
          {text.orders}
        </Anchor>
      )}
      <Facts
        facts={[
          { name: text.state, value: <StateTag of="driver" state={driver.status} /> },
          { name: text.email, value: driver.email },
          { name: text.language, value: text.languages[driver.language] },
          { name: text.signedUp, value: formats.dateTime(driver.createdAt) },
          { name: text.id, value: driver.id, isMono: true },
        ]}
      />
      <Section title={text.vehicles}>
        <RowsTable
          label={text.vehicles}
          list={claims}
          keyOf={({ id }) => id}
          none={text.noVehicle}
          columns={[
            { title: text.vehicle, cell: ({ vehicleId }) => vehicleId, isMono: true },
            { title: text.state, cell: ({ state }) => <StateTag of="claim" state={state} /> },
            { title: text.claimed, cell: ({ createdAt }) => formats.dateTime(createdAt) },
          ]}
        />
      </Section>
      {mayWrite && <Suspension driver={driver} />}
      <ChangeHistory kind="driver" id={driver.id} />
    </Stack>
  );
}

function Suspension({ driver: { id, email, status } }: { readonly driver: Driver }) {
  const text = useText(driverMessages);
  const touches = ['/v1/drivers', '/v1/audit'];
  const suspend = useChange('POST /v1/drivers/{id}/suspend', touches);
  const reinstate = useChange('POST /v1/drivers/{id}/reinstate', touches);
  const [isAsked, setIsAsked] = useState(false);
  return (
    <Group>
      {status === 'active' ? (
        <Button color="red" variant="light" onClick={() => setIsAsked(true)}>
          {text.suspend}
        </Button>
      ) : (
        <Button
          variant="default"
          loading={reinstate.isPending}
          onClick={() => reinstate.mutate({ path: { id } })}
        >
          {text.reinstate}
        </Button>
      )}
      {reinstate.error !== null && <ProblemBox error={reinstate.error} />}
      <ConfirmDialog
        isOpen={isAsked}
        onClose={() => setIsAsked(false)}
        title={text.suspendTitle}
        words={text.suspendWords}
        action={text.suspend}
        name={email}
        isWorking={suspend.isPending}
        error={suspend.error}
        onConfirm={() => suspend.mutate({ path: { id } }, { onSuccess: () => setIsAsked(false) })}
      />
    </Group>
  );
}
