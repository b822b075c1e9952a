// The driver's vehicles, those that he waits for, and the way to one more.

import { Button, Paper, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import type { OwnVehicle } from '../../../console/api/api-types.ts';
import { useChange, useRead } from '../../../console/api/queries.ts';
import { useFormats } from '../../../console/i18n/formats.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { EmptyState } from '../../../console/parts/empty-state.tsx';
import { Icon } from '../../../console/parts/icon.tsx';
import { Tag } from '../../../console/parts/tag.tsx';
import { Ask } from '../../parts/ask.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { garageMessages } from './messages.ts';

/** A claim of somebody else may come, and a vehicle that is waited for may be handed over. */
const EVERY_MS = 10_000;

export function GaragePage() {
  const text = useText(garageMessages);
  return (
    <Page title={text.title}>
      <Vehicles />
    </Page>
  );
}

function Vehicles() {
  const text = useText(garageMessages);
  const { data, error, refetch } = useRead('GET /v1/drivers/me/vehicles', {}, { everyMs: EVERY_MS });
  if (data === undefined)
    return error === null ? <Loading /> : <Trouble error={error} retry={() => void refetch()} />;
  const add = (
    <Button component={Link} href="/claim" leftSection={<Icon name="plus" />}>
      {text.add}
    </Button>
  );
  if (data.data.length === 0)
    return (
      <EmptyState title={text.emptyTitle} words={text.emptyWords}>
        {add}
      </EmptyState>
    );
  return (
    <>
      <ul className="shop-list">
        {data.data.map((vehicle) => (
          <li key={vehicle.claimId}>
            {vehicle.state === 'active' ? <Owned vehicle={vehicle} /> : <Awaited vehicle={vehicle} />}
          </li>
        ))}
      </ul>
      {add}
    </>
  );
}

function Owned({ vehicle: { id, claims } }: { readonly vehicle: OwnVehicle }) {
  const text = useText(garageMessages);
  const formats = useFormats();
  return (
    <Link href={`/vehicles/${id}`} className="shop-card">
      <span className="shop-card-row">
        <span className="mono shop-vin">{id}</span>
        <Tag color="green">{text.yours}</Tag>
      </span>
      {claims.length > 0 && <Tag color="orange">{text.asked(formats.number(claims.length))}</Tag>}
    </Link>
  );
}

function Awaited({ vehicle: { id } }: { readonly vehicle: OwnVehicle }) {
  const text = useText(garageMessages);
  const [isAsking, setIsAsking] = useState(false);
  const withdraw = useChange('DELETE /v1/drivers/me/vehicles/{id}', ['/v1/drivers/me/vehicles']);
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <div className="shop-card-row">
          <span className="mono shop-vin">{id}</span>
          <Tag color="orange">{text.waiting}</Tag>
        </div>
        <Text size="sm">{text.waitingWords}</Text>
        <Button variant="default" onClick={() => setIsAsking(true)}>
          {text.withdraw}
        </Button>
      </Stack>
      <Ask
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title={text.withdrawTitle}
        words={text.withdrawWords}
        action={text.withdraw}
        isWorking={withdraw.isPending}
        error={withdraw.error}
        onConfirm={() => withdraw.mutate({ path: { id } })}
      />
    </Paper>
  );
}
