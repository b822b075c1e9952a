// Vehicles with what they have and may do, and the tokens by which new ones enrol.

import { useText } from '../../i18n/messages.ts';
import { ScreenTabs } from '../../parts/screen-tabs.tsx';
import { vehicleMessages } from './messages.ts';
import { TokenList } from './token-list.tsx';
import { VehicleList } from './vehicle-list.tsx';

export function VehiclesScreen() {
  const text = useText(vehicleMessages);
  return (
    <ScreenTabs
      label={text.tabs.label}
      tabs={[
        { name: 'vehicles', title: text.tabs.vehicles, content: <VehicleList /> },
        { name: 'tokens', title: text.tabs.tokens, content: <TokenList /> },
      ]}
    />
  );
}
