// One API key: what it may do and from where, its rotation with a time in which both work, its end.

import { Anchor, Button, Group, Modal, Select, Stack } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { Link } from 'wouter';
import type { ApiKey, NewApiKey } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useChange, useRead } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { Facts } from '../../parts/facts.tsx';
import { useNames } from '../../parts/names.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { KeyState, roleWords } from './key-state.tsx';
import { MadeKey } from './made-key.tsx';
import { keyMessages } from './messages.ts';

export interface KeyDrawerProps {
  /** Empty: closed. */
  readonly id: string;
  readonly onClose: () => void;
  /** With the id of the key that follows. */
  readonly onRotated: (id: string) => void;
}

export function KeyDrawer({ id, onClose, onRotated }: KeyDrawerProps) {
  const found = useRead('GET /v1/api-keys/{id}', { path: { id } }, { enabled: id !== '' });
  const key = found.data?.id === id ? found.data : undefined;
  return (
    <SideDrawer isOpen={id !== ''} onClose={onClose} title={key?.name} error={found.error}>
      {key !== undefined && <Opened apiKey={key} onRotated={onRotated} />}
    </SideDrawer>
  );
}

type OpenedProps = Pick<KeyDrawerProps, 'onRotated'> & { readonly apiKey: ApiKey };

function Opened({ apiKey, onRotated }: OpenedProps) {
  const text = useText(keyMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const names = useNames();
  const mayWrite = useMay('keys:write');
  const mayReadAudit = useMay('audit:read');
  const { id, role, expiresAt, revokedAt, lastUsedAt } = apiKey;
  return (
    <Stack gap="lg">
      <Facts
        facts={[
          { name: text.columns.status, value: <KeyState status={apiKey.status} /> },
          { name: text.columns.role, value: roleWords(common.roles, role) },
          { name: text.columns.customer, value: names.customer(apiKey.customerId) ?? text.everything },
          { name: text.addresses, value: apiKey.ipRanges?.join(', ') ?? text.anywhere },
          {
            name: text.columns.expires,
            value: expiresAt === null ? text.never : formats.dateTime(expiresAt),
          },
          { name: text.revokedAt, value: revokedAt && formats.dateTime(revokedAt) },
          {
            name: text.columns.lastUsed,
            value: lastUsedAt === null ? text.neverUsed : formats.dateTime(lastUsedAt),
          },
          { name: text.columns.created, value: formats.dateTime(apiKey.createdAt) },
          { name: text.id, value: id, isMono: true },
        ]}
      />
      {mayReadAudit && (
        <Anchor component={Link} href={`/audit?actor=${encodeURIComponent(id)}`} size="sm">
          {text.audit}
        </Anchor>
      )}
      {mayWrite && apiKey.status === 'active' && (
        <Group>
          <RotateKey apiKey={apiKey} onRotated={onRotated} />
          <RevokeKey apiKey={apiKey} />
        </Group>
      )}
    </Stack>
  );
}

function RotateKey({ apiKey, onRotated }: OpenedProps) {
  const text = useText(keyMessages);
  const common = useText(commonMessages);
  const [isAsked, setIsAsked] = useState(false);
  const [overlapS, setOverlapS] = useState('86400');
  const [made, setMade] = useState<NewApiKey>();
  const rotate = useChange('POST /v1/api-keys/{id}/rotate', ['/v1/api-keys', '/v1/audit']);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    rotate.mutate({ path: { id: apiKey.id }, body: { overlapS: Number(overlapS) } }, { onSuccess: setMade });
  };
  const done = (id: string): void => {
    setIsAsked(false);
    onRotated(id);
  };
  return (
    <>
      <Button variant="default" onClick={() => setIsAsked(true)}>
        {text.rotate}
      </Button>
      <Modal
        opened={isAsked}
        onClose={() => setIsAsked(false)}
        title={made === undefined ? text.rotateTitle(apiKey.name) : text.made.title}
        closeButtonProps={{ 'aria-label': common.close }}
        closeOnClickOutside={false}
        closeOnEscape={made === undefined}
        withCloseButton={made === undefined}
        size="lg"
      >
        {made === undefined ? (
          <form onSubmit={submit}>
            <Stack>
              {text.rotateWords}
              <Select
                label={text.overlap}
                data={Object.entries(text.overlaps).map(([value, label]) => ({ value, label }))}
                value={overlapS}
                onChange={(chosen) => chosen !== null && setOverlapS(chosen)}
                allowDeselect={false}
              />
              {rotate.error !== null && <ProblemBox error={rotate.error} />}
              <Group justify="flex-end">
                <Button variant="default" onClick={() => setIsAsked(false)}>
                  {common.cancel}
                </Button>
                <Button type="submit" loading={rotate.isPending}>
                  {text.rotate}
                </Button>
              </Group>
            </Stack>
          </form>
        ) : (
          <MadeKey name={made.name} secret={made.key} onDone={() => done(made.id)} />
        )}
      </Modal>
    </>
  );
}

function RevokeKey({ apiKey: { id, name } }: Pick<OpenedProps, 'apiKey'>) {
  const text = useText(keyMessages);
  const revoke = useChange('POST /v1/api-keys/{id}/revoke', ['/v1/api-keys', '/v1/audit']);
  const [isAsked, setIsAsked] = useState(false);
  return (
    <>
      <Button color="red" variant="light" onClick={() => setIsAsked(true)}>
        {text.revoke}
      </Button>
      <ConfirmDialog
        isOpen={isAsked}
        onClose={() => setIsAsked(false)}
        title={text.revokeTitle}
        words={text.revokeWords}
        action={text.revoke}
        name={name}
        isWorking={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoke.mutate({ path: { id } }, { onSuccess: () => setIsAsked(false) })}
      />
    </>
  );
}
