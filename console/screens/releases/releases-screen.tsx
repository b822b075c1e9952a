// Which software goes out to vehicles, how far it has come, and the packages that it is made of.

import { useText } from '../../i18n/messages.ts';
import { ScreenTabs } from '../../parts/screen-tabs.tsx';
import { releaseMessages } from './messages.ts';
import { PackageList } from './package-list.tsx';
import { ReleaseList } from './release-list.tsx';

export function ReleasesScreen() {
  const { tabs } = useText(releaseMessages);
  return (
    <ScreenTabs
      label={tabs.label}
      tabs={[
        { name: 'releases', title: tabs.releases, content: <ReleaseList /> },
        { name: 'packages', title: tabs.packages, content: <PackageList /> },
      ]}
    />
  );
}
