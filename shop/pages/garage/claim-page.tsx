// A vehicle is claimed by the code that it shows.

import { Button, Paper, Stack, Text, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useLocation } from 'wouter';
import { useChange } from '../../../console/api/queries.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { shopMessages } from '../../app/shop-messages.ts';
import { Page } from '../../parts/page.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { claimCodeOf } from './claim-code.ts';
import { garageMessages } from './messages.ts';

export function ClaimPage() {
  const text = useText(garageMessages);
  const shop = useText(shopMessages);
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState('');
  const [isLate, setIsLate] = useState(false);
  const claim = useChange('POST /v1/drivers/me/vehicles', ['/v1/drivers/me/vehicles']);
  const code = claimCodeOf(typed);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setIsLate(true);
    if (code === undefined) return;
    claim.mutate(
      { body: { code } },
      { onSuccess: ({ state, vehicleId }) => navigate(state === 'active' ? `/vehicles/${vehicleId}` : '/') },
    );
  };
  return (
    <Page title={text.claimTitle} back={{ to: '/', label: shop.vehicles }}>
      <Text>{text.where}</Text>
      <Paper withBorder p="lg">
        <form onSubmit={submit} noValidate>
          <Stack>
            <TextInput
              label={text.code}
              description={text.codeHint}
              classNames={{ input: 'shop-code' }}
              autoComplete="off"
              autoCapitalize="characters"
              autoCorrect="off"
              spellCheck={false}
              maxLength={20}
              value={typed}
              onChange={(event) => {
                setTyped(event.currentTarget.value);
                claim.reset();
              }}
              error={isLate && code === undefined && text.codeWrong}
            />
            {claim.error !== null && <Trouble error={claim.error} />}
            <Button type="submit" loading={claim.isPending}>
              {text.claim}
            </Button>
          </Stack>
        </form>
      </Paper>
    </Page>
  );
}
