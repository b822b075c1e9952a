// The drawer that shows one thing of a list: read by its id, which stands in the address.

import { Center, Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ApiError } from '../api/client.ts';
import { commonMessages } from '../app/common-messages.ts';
import { useText } from '../i18n/messages.ts';
import { SideDrawer } from './side-drawer.tsx';

export interface ThingDrawerProps<Thing> {
  /** Empty: closed. */
  readonly id: string;
  /** What was read of the id, or of the one before it. */
  readonly found: { readonly data: Thing | undefined; readonly error: ApiError | null };
  readonly idOf: (thing: Thing) => string;
  readonly titleOf: (thing: Thing) => string;
  readonly onClose: () => void;
  readonly children: (thing: Thing) => ReactNode;
}

export function ThingDrawer<Thing>({ id, found, idOf, titleOf, onClose, children }: ThingDrawerProps<Thing>) {
  const common = useText(commonMessages);
  const thing = found.data !== undefined && idOf(found.data) === id ? found.data : undefined;
  return (
    <SideDrawer
      isOpen={id !== ''}
      onClose={onClose}
      size="xl"
      title={thing === undefined ? undefined : titleOf(thing)}
      error={found.error}
    >
      {thing === undefined && found.error === null && (
        <Center p="xl">
          <Loader aria-label={common.loading} />
        </Center>
      )}
      {thing !== undefined && children(thing)}
    </SideDrawer>
  );
}
