// One vehicle: whether it is connected, its certificates, what it may use and has installed, what it asked for, the grants
// that went to it, and who drives it.

import { Stack } from '@mantine/core';
import type { Vehicle } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useRead } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { Facts } from '../../parts/facts.tsx';
import { GrantRows } from '../../parts/grant-rows.tsx';
import { Section } from '../../parts/section.tsx';
import { ThingDrawer } from '../../parts/thing-drawer.tsx';
import { Certificates } from './certificates.tsx';
import { vehicleMessages } from './messages.ts';
import { Claims, Entitlements } from './vehicle-rights.tsx';
import { Installs, OtaRequests, Software } from './vehicle-software.tsx';
import { PresenceSign } from './presence-sign.tsx';

const REFRESH_MS = 5000;

export interface VehicleDrawerProps {
  /** Empty: closed. */
  readonly id: string;
  readonly onClose: () => void;
}

export function VehicleDrawer({ id, onClose }: VehicleDrawerProps) {
  const found = useRead(
    'GET /v1/vehicles/{id}',
    { path: { id } },
    { enabled: id !== '', everyMs: REFRESH_MS },
  );
  return (
    <ThingDrawer
      id={id}
      found={{ data: found.data, error: found.error }}
      idOf={(vehicle) => vehicle.id}
      titleOf={(vehicle) => vehicle.id}
      onClose={onClose}
    >
      {(vehicle) => <Opened vehicle={vehicle} />}
    </ThingDrawer>
  );
}

function Opened({ vehicle }: { readonly vehicle: Vehicle }) {
  const { id, customerId, presence, createdAt } = vehicle;
  const text = useText(vehicleMessages);
  const formats = useFormats();
  const mayReadRights = useMay('entitlements:read');
  const mayReadSoftware = useMay('packages:read');
  const mayReadDrivers = useMay('drivers:read');
  return (
    <Stack gap="lg">
      <Facts
        facts={[
          { name: text.columns.presence, value: <PresenceSign presence={presence} /> },
          { name: text.customer, value: customerId, isMono: true },
          { name: text.columns.created, value: formats.dateTime(createdAt) },
        ]}
      />
      <Section title={text.certificates}>
        <Certificates vehicleId={id} />
      </Section>
      {mayReadRights && (
        <Section title={text.entitlements}>
          <Entitlements vehicleId={id} />
        </Section>
      )}
      {mayReadSoftware && (
        <>
          <Section title={text.software}>
            <Software vehicleId={id} />
          </Section>
          <Section title={text.installs}>
            <Installs vehicleId={id} />
          </Section>
          <Section title={text.ota}>
            <OtaRequests vehicleId={id} />
          </Section>
        </>
      )}
      <Section title={text.grants}>
        <GrantRows query={{ vehicleId: id }} />
      </Section>
      {mayReadDrivers && (
        <Section title={text.claims}>
          <Claims vehicleId={id} />
        </Section>
      )}
    </Stack>
  );
}
