// Who is signed in, as what, and the way out.

import { Button, Menu, Text } from '@mantine/core';
import { useCaller } from '../api/caller.ts';
import { setPresentedKey } from '../api/credentials.ts';
import { useText } from '../i18n/messages.ts';
import { Icon } from '../parts/icon.tsx';
import { commonMessages } from './common-messages.ts';

export function WhoMenu() {
  const text = useText(commonMessages);
  const { kind, name, role } = useCaller();
  return (
    <Menu position="bottom-end" withinPortal={false}>
      <Menu.Target>
        <Button variant="default" size="compact-md">
          {text.roles[role]}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {kind !== 'owner' && (
          <Text size="sm" px="sm" py={6} className="breakable" maw={240}>
            {name}
          </Text>
        )}
        <Menu.Item leftSection={<Icon name="signOut" />} onClick={() => setPresentedKey(undefined)}>
          {text.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
