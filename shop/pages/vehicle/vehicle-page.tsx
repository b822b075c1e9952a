// One vehicle of the driver: who claims it, what it may do, what can be bought for it, and the way to let it go.

import { Stack } from '@mantine/core';
import { useRead } from '../../../console/api/queries.ts';
import { ApiError } from '../../../console/api/client.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { Section } from '../../../console/parts/section.tsx';
import { shopMessages } from '../../app/shop-messages.ts';
import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { AskedFor } from './asked-for.tsx';
import { Entitlements } from './entitlements.tsx';
import { LetGo } from './let-go.tsx';
import { vehicleMessages } from './messages.ts';
import { Products } from './products.tsx';

const EVERY_MS = 10_000;

export function VehiclePage({ id }: { readonly id: string }) {
  const shop = useText(shopMessages);
  return (
    <Page title={id} back={{ to: '/', label: shop.vehicles }}>
      <Vehicle id={id} />
    </Page>
  );
}

function Vehicle({ id }: { readonly id: string }) {
  const text = useText(vehicleMessages);
  const { data, error, refetch } = useRead('GET /v1/drivers/me/vehicles', {}, { everyMs: EVERY_MS });
  if (data === undefined)
    return error === null ? <Loading /> : <Trouble error={error} retry={() => void refetch()} />;
  const vehicle = data.data.find((one) => one.id === id && one.state === 'active');
  if (vehicle === undefined) return <Trouble error={new ApiError({ code: 'vehicle_not_found' }, 404)} />;
  return (
    <Stack gap="xl">
      {vehicle.claims.map((claim) => (
        <AskedFor key={claim.id} vehicleId={id} claim={claim} />
      ))}
      <Section title={text.rights} level={2}>
        <Entitlements vehicleId={id} />
      </Section>
      <Section title={text.products} level={2}>
        <Products vehicleId={id} />
      </Section>
      <LetGo vehicleId={id} />
    </Stack>
  );
}
