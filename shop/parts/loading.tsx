// While something is asked for; where there is no connection it says so, as nothing will come.

import { Center, Loader } from '@mantine/core';
import { commonMessages } from '../../console/app/common-messages.ts';
import { useText } from '../../console/i18n/messages.ts';
import { useOnline } from './online.ts';
import { Offline } from './trouble.tsx';

export function Loading() {
  const common = useText(commonMessages);
  if (!useOnline()) return <Offline retry={() => window.location.reload()} />;
  return (
    <Center p="xl">
      <Loader aria-label={common.loading} role="status" />
    </Center>
  );
}
