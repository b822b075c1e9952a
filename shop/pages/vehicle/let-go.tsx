// The driver lets the vehicle go: nobody has it then.

import { Button, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useChange } from '../../../console/api/queries.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { Ask } from '../../parts/ask.tsx';
import { vehicleMessages } from './messages.ts';

export function LetGo({ vehicleId }: { readonly vehicleId: string }) {
  const text = useText(vehicleMessages);
  const [, navigate] = useLocation();
  const [isAsking, setIsAsking] = useState(false);
  const release = useChange('DELETE /v1/drivers/me/vehicles/{id}', ['/v1/drivers/me/vehicles']);
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {text.letGoHint}
      </Text>
      <Button variant="outline" color="red" onClick={() => setIsAsking(true)}>
        {text.letGo}
      </Button>
      <Ask
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title={text.letGoTitle}
        words={text.letGoWords}
        action={text.letGo}
        name={vehicleId}
        isWorking={release.isPending}
        error={release.error}
        onConfirm={() => release.mutate({ path: { id: vehicleId } }, { onSuccess: () => navigate('/') })}
      />
    </Stack>
  );
}
