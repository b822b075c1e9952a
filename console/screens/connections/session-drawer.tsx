// One session: its facts, what it last said of its position, how its base does, what its account did before, and its end.

import { Alert, Button, Center, Loader, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Session } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useChange } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { Facts } from '../../parts/facts.tsx';
import { FixBadge, fixKindOf } from '../../parts/fix.tsx';
import { HealthFacts } from '../../parts/health.tsx';
import { Section } from '../../parts/section.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { connectionMessages } from './messages.ts';
import { SessionTimeline } from './session-timeline.tsx';

export interface SessionDrawerProps {
  /** Empty: closed. */
  readonly id: string;
  /** As it runs now; undefined where it does not (any more). */
  readonly running: Session | undefined;
  /** It may run all the same: not all of them have been read yet. */
  readonly isLoading: boolean;
  readonly onClose: () => void;
}

export function SessionDrawer({ id, running, isLoading, onClose }: SessionDrawerProps) {
  const text = useText(connectionMessages);
  return (
    <SideDrawer
      isOpen={id !== ''}
      onClose={onClose}
      title={running?.account ?? running?.mountpoint ?? text.session}
    >
      {id !== '' && <Opened key={id} running={running} isLoading={isLoading} />}
    </SideDrawer>
  );
}

/** What was last seen of a session stays to be read after its end. */
function Opened({ running, isLoading }: Pick<SessionDrawerProps, 'running' | 'isLoading'>) {
  const text = useText(connectionMessages);
  const common = useText(commonMessages);
  const [seen, setSeen] = useState(running);
  if (running !== undefined && running !== seen) setSeen(running);
  if (seen === undefined && isLoading) {
    return (
      <Center p="xl">
        <Loader aria-label={common.loading} />
      </Center>
    );
  }
  if (seen === undefined) return <Alert title={text.gone}>{text.goneWords}</Alert>;
  return (
    <Stack gap="lg">
      {running === undefined && <Alert title={text.gone}>{text.goneWords}</Alert>}
      <SessionFacts session={seen} />
      {seen.role === 'rover' && <LastFix session={seen} />}
      {seen.health !== null && (
        <Section title={text.health}>
          <HealthFacts health={seen.health} />
        </Section>
      )}
      <Section title={text.timeline}>
        <SessionTimeline session={seen} />
      </Section>
      {running !== undefined && <EndSession session={running} />}
    </Stack>
  );
}

function SessionFacts({ session }: { readonly session: Session }) {
  const text = useText(connectionMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const counted = (value: number | null): string | null => (value === null ? null : formats.number(value));
  return (
    <Section title={text.facts}>
      <Facts
        facts={[
          { name: text.columns.role, value: common.role[session.role] },
          { name: text.account, value: session.account },
          { name: text.columns.mountpoint, value: session.mountpoint },
          { name: text.served, value: session.role === 'rover' && session.servedMountpoint },
          { name: text.columns.device, value: session.device },
          { name: text.columns.address, value: session.address, isMono: true },
          { name: text.columns.agent, value: session.userAgent },
          { name: text.version, value: String(session.ntripVersion) },
          { name: text.tls, value: session.tls ? common.yes : common.no },
          { name: text.started, value: formats.dateTime(session.startedAt) },
          { name: text.columns.bytes, value: session.bytes !== null && formats.bytes(session.bytes) },
          { name: text.epochs, value: counted(session.epochs) },
          { name: text.dropped, value: counted(session.epochsDropped) },
          { name: text.frames, value: counted(session.frames) },
          {
            name: text.columns.pending,
            value: session.unacknowledgedBytes !== null && formats.bytes(session.unacknowledgedBytes),
          },
          { name: text.id, value: session.id, isMono: true },
        ]}
      />
    </Section>
  );
}

function LastFix({ session: { fix } }: { readonly session: Session }) {
  const text = useText(connectionMessages);
  const formats = useFormats();
  return (
    <Section title={text.lastFix}>
      {fix === null ? (
        <Text size="sm" c="dimmed">
          {text.noFix}
        </Text>
      ) : (
        <Facts
          facts={[
            { name: text.fix, value: <FixBadge kind={fixKindOf(fix)} /> },
            {
              name: text.position,
              value: `${formats.number(fix.latitudeDeg, 6)}°, ${formats.number(fix.longitudeDeg, 6)}°`,
            },
            { name: text.height, value: fix.heightM !== null && formats.meters(fix.heightM) },
            { name: text.satellites, value: formats.number(fix.satellites) },
            { name: text.hdop, value: fix.hdop !== null && formats.number(fix.hdop, 1) },
            {
              name: text.correctionAge,
              value: fix.correctionAgeS !== null && formats.seconds(fix.correctionAgeS),
            },
            { name: text.fixAt, value: formats.dateTime(fix.at) },
          ]}
        />
      )}
    </Section>
  );
}

function EndSession({ session }: { readonly session: Session }) {
  const text = useText(connectionMessages);
  const mayClose = useMay('sessions:close');
  const close = useChange('POST /v1/sessions/{id}/close', ['/v1/sessions', '/v1/closed-sessions']);
  const [isAsked, setIsAsked] = useState(false);
  const [reason, setReason] = useState('');
  if (!mayClose) return null;
  const confirm = (): void =>
    close.mutate(
      { path: { id: session.id }, body: reason.trim() === '' ? {} : { reason: reason.trim() } },
      { onSuccess: () => setIsAsked(false) },
    );
  return (
    <div>
      {close.isSuccess ? (
        <Text role="status">{text.ending}</Text>
      ) : (
        <Button color="red" variant="light" onClick={() => setIsAsked(true)}>
          {text.end}
        </Button>
      )}
      <ConfirmDialog
        isOpen={isAsked}
        onClose={() => setIsAsked(false)}
        title={text.endTitle}
        words={text.endWords}
        action={text.endAction}
        name={session.account ?? session.mountpoint}
        isWorking={close.isPending}
        error={close.error}
        onConfirm={confirm}
      >
        <TextInput
          label={text.reason}
          description={text.reasonHint}
          value={reason}
          maxLength={200}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </ConfirmDialog>
    </div>
  );
}
