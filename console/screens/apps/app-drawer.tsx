// One app: its facts, its accounts, and its suspension.

import { Anchor, Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import type { App } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useChange, useRead } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { Facts } from '../../parts/facts.tsx';
import { useNames } from '../../parts/names.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { Section } from '../../parts/section.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { AccountPool } from './account-pool.tsx';
import { BindDevices } from './bind-devices.tsx';
import { appMessages } from './messages.ts';

const REFRESH_MS = 10_000;

export interface AppDrawerProps {
  /** Empty: closed. */
  readonly id: string;
  readonly onClose: () => void;
}

export function AppDrawer({ id, onClose }: AppDrawerProps) {
  const found = useRead('GET /v1/apps/{id}', { path: { id } }, { enabled: id !== '', everyMs: REFRESH_MS });
  const app = found.data?.id === id ? found.data : undefined;
  return (
    <SideDrawer isOpen={id !== ''} onClose={onClose} size="xl" title={app?.name} error={found.error}>
      {app !== undefined && <Opened app={app} />}
    </SideDrawer>
  );
}

function Opened({ app }: { readonly app: App }) {
  const text = useText(appMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const names = useNames();
  const mayReadAccounts = useMay('accounts:read');
  const mayBind = useMay('accounts:write');
  const mayWrite = useMay('apps:write');
  const limit = (value: number | null): string => (value === null ? text.unlimited : formats.number(value));
  return (
    <Stack gap="lg">
      <Anchor component={Link} href={`/connections?find=${encodeURIComponent(app.id)}`} size="sm">
        {text.connections}
      </Anchor>
      <Section title={text.facts}>
        <Facts
          facts={[
            { name: text.columns.key, value: app.appKey, isMono: true },
            { name: text.columns.status, value: text.status[app.status] },
            { name: text.columns.activation, value: text.activation[app.activation] },
            { name: text.bound, value: app.bound ? common.yes : common.no },
            { name: text.columns.spec, value: names.spec(app.serviceSpecId) ?? text.asReceived },
            { name: text.columns.plan, value: names.plan(app.billingPlanId) ?? text.free },
            { name: text.devicesMax, value: limit(app.quota.devicesMax) },
            { name: text.sessionsMax, value: limit(app.quota.sessionsMax) },
            { name: text.created, value: formats.dateTime(app.createdAt) },
          ]}
        />
      </Section>
      {mayReadAccounts && (
        <Section title={text.accounts}>
          <AccountPool appId={app.id} />
        </Section>
      )}
      {mayBind && (
        <Section title={text.bind.title}>
          <BindDevices appId={app.id} />
        </Section>
      )}
      {mayWrite && <Suspension app={app} />}
    </Stack>
  );
}

function Suspension({ app: { id, name, status } }: { readonly app: App }) {
  const text = useText(appMessages);
  const suspend = useChange('POST /v1/apps/{id}/suspend', ['/v1/apps']);
  const reinstate = useChange('POST /v1/apps/{id}/reinstate', ['/v1/apps']);
  const [isAsked, setIsAsked] = useState(false);
  return (
    <Group>
      {status === 'active' ? (
        <Button color="red" variant="light" onClick={() => setIsAsked(true)}>
          {text.suspend}
        </Button>
      ) : (
        <Button
          variant="default"
          loading={reinstate.isPending}
          onClick={() => reinstate.mutate({ path: { id } })}
        >
          {text.reinstate}
        </Button>
      )}
      <ConfirmDialog
        isOpen={isAsked}
        onClose={() => setIsAsked(false)}
        title={text.suspendTitle}
        words={text.suspendWords}
        action={text.suspend}
        name={name}
        isWorking={suspend.isPending}
        error={suspend.error}
        onConfirm={() => suspend.mutate({ path: { id } }, { onSuccess: () => setIsAsked(false) })}
      />
      {reinstate.error !== null && <ProblemBox error={reinstate.error} />}
    </Group>
  );
}
