// Who drives which vehicle, whose claims wait, and the drivers.

import { useText } from '../../i18n/messages.ts';
import { ScreenTabs } from '../../parts/screen-tabs.tsx';
import { ClaimList } from './claim-list.tsx';
import { DriverList } from './driver-list.tsx';
import { driverMessages } from './messages.ts';

export function DriversScreen() {
  const { tabs } = useText(driverMessages);
  return (
    <ScreenTabs
      label={tabs.label}
      tabs={[
        { name: 'claims', title: tabs.claims, content: <ClaimList /> },
        { name: 'drivers', title: tabs.drivers, content: <DriverList /> },
      ]}
    />
  );
}
