// Somebody else claims the vehicle, as it is when it is sold: the driver hands it over or refuses.

import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { OwnVehicle } from '../../../console/api/api-types.ts';
import { useChange } from '../../../console/api/queries.ts';
import { useFormats } from '../../../console/i18n/formats.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { Ask } from '../../parts/ask.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { vehicleMessages } from './messages.ts';

export interface AskedForProps {
  readonly vehicleId: string;
  readonly claim: OwnVehicle['claims'][number];
}

export function AskedFor({ vehicleId, claim }: AskedForProps) {
  const text = useText(vehicleMessages);
  const formats = useFormats();
  const [, navigate] = useLocation();
  const [isHanding, setIsHanding] = useState(false);
  const hand = useChange('POST /v1/drivers/me/vehicles/{id}/transfer', ['/v1/drivers/me/vehicles']);
  const refuse = useChange('DELETE /v1/drivers/me/vehicles/{id}/claims/{claimId}', [
    '/v1/drivers/me/vehicles',
  ]);
  return (
    <Alert color="orange" variant="light" title={text.asked}>
      <Stack gap="sm">
        <Text size="sm">{text.askedWords}</Text>
        <Text size="sm">{text.askedAt(formats.zonedDateTime(claim.createdAt))}</Text>
        <Group>
          <Button onClick={() => setIsHanding(true)}>{text.hand}</Button>
          <Button
            variant="default"
            loading={refuse.isPending}
            onClick={() => refuse.mutate({ path: { id: vehicleId, claimId: claim.id } })}
          >
            {text.refuse}
          </Button>
        </Group>
        {refuse.error !== null && <Trouble error={refuse.error} />}
      </Stack>
      <Ask
        isOpen={isHanding}
        onClose={() => setIsHanding(false)}
        title={text.handTitle}
        words={text.handWords}
        action={text.hand}
        isWorking={hand.isPending}
        error={hand.error}
        onConfirm={() =>
          hand.mutate(
            { path: { id: vehicleId }, body: { claimId: claim.id } },
            { onSuccess: () => navigate('/') },
          )
        }
      />
    </Alert>
  );
}
