// One claim, and what becomes of it: the vehicle is given to the driver who waits, refused to him, or taken from him.

import { Anchor, Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import type { VehicleClaim } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useChange } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ChangeHistory } from '../../parts/change-history.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { Facts } from '../../parts/facts.tsx';
import { StateTag } from '../../parts/licence-states.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { useDriverNames } from './driver-names.ts';
import { driverMessages } from './messages.ts';

export interface ClaimDrawerProps {
  /** Undefined: closed. */
  readonly claim: VehicleClaim | undefined;
  readonly onClose: () => void;
}

export function ClaimDrawer({ claim, onClose }: ClaimDrawerProps) {
  return (
    <SideDrawer isOpen={claim !== undefined} onClose={onClose} title={claim?.vehicleId} size="lg">
      {claim !== undefined && <Opened key={claim.id} claim={claim} />}
    </SideDrawer>
  );
}

function Opened({ claim }: { readonly claim: VehicleClaim }) {
  const text = useText(driverMessages);
  const formats = useFormats();
  const nameOf = useDriverNames();
  const [mayDecide, mayReadVehicles] = [useMay('drivers:write'), useMay('vehicles:read')];
  const { id, vehicleId, driverId, state, createdAt, updatedAt } = claim;
  return (
    <Stack gap="lg">
      {mayReadVehicles && (
        <Anchor component={Link} href={`/vehicles?vehicle=${encodeURIComponent(vehicleId)}`} size="sm">
          {text.toVehicle}
        </Anchor>
      )}
      <Facts
        facts={[
          { name: text.state, value: <StateTag of="claim" state={state} /> },
          { name: text.driver, value: nameOf(driverId) },
          { name: text.claimed, value: formats.dateTime(createdAt) },
          { name: text.changed, value: formats.dateTime(updatedAt) },
          { name: text.id, value: id, isMono: true },
        ]}
      />
      {mayDecide && <Decision claim={claim} />}
      <ChangeHistory kind="vehicle_claim" id={id} />
    </Stack>
  );
}

function Decision({ claim: { id, state, vehicleId } }: { readonly claim: VehicleClaim }) {
  const text = useText(driverMessages);
  const touches = ['/v1/vehicle-claims', '/v1/audit'];
  const approve = useChange('POST /v1/vehicle-claims/{id}/approve', touches);
  const end = useChange('DELETE /v1/vehicle-claims/{id}', touches);
  const [asked, setAsked] = useState<'approve' | 'refuse' | 'take'>();
  const close = (): void => setAsked(undefined);
  if (state !== 'pending' && state !== 'active') return null;
  const change = asked === 'approve' ? approve : end;
  return (
    <Group>
      {state === 'pending' && (
        <>
          <Button onClick={() => setAsked('approve')}>{text.steps.approve.action}</Button>
          <Button color="red" variant="light" onClick={() => setAsked('refuse')}>
            {text.steps.refuse.action}
          </Button>
        </>
      )}
      {state === 'active' && (
        <Button color="red" variant="light" onClick={() => setAsked('take')}>
          {text.steps.take.action}
        </Button>
      )}
      {asked !== undefined && (
        <ConfirmDialog
          isOpen
          onClose={close}
          title={text.steps[asked].title}
          words={text.steps[asked].words}
          action={text.steps[asked].action}
          name={asked === 'refuse' ? undefined : vehicleId}
          isWorking={change.isPending}
          error={change.error}
          onConfirm={() => change.mutate({ path: { id } }, { onSuccess: close })}
        />
      )}
    </Group>
  );
}
