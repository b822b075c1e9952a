// A mountpoint made or changed, in one form. The server judges; what it would surely refuse is said before it is asked.

import { Button, Checkbox, Collapse, Group, Modal, Stack, TextInput, UnstyledButton } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import type { Mountpoint } from '../../api/api-types.ts';
import { useChange } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { Choice } from '../../parts/choice.tsx';
import { Icon } from '../../parts/icon.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { mountpointMessages } from './messages.ts';

export interface MountpointDialogProps {
  readonly isOpen: boolean;
  /** Undefined makes a new one. */
  readonly changed?: Mountpoint | undefined;
  readonly onClose: () => void;
  readonly onSaved: (saved: Mountpoint) => void;
}

export function MountpointDialog(props: MountpointDialogProps) {
  const text = useText(mountpointMessages);
  const common = useText(commonMessages);
  const { isOpen, changed, onClose } = props;
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      size="lg"
      title={changed === undefined ? text.make : text.editTitle(changed.name)}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      {isOpen && <MountpointForm {...props} />}
    </Modal>
  );
}

interface Form {
  readonly name: string;
  readonly password: string;
  readonly access: Mountpoint['access'];
  readonly place: string;
  readonly country: string;
  readonly network: string;
  readonly secondBase: Mountpoint['secondBase'];
  readonly listed: boolean;
  readonly fee: boolean;
  readonly chunked: boolean;
  readonly raw: boolean;
}

function formOf(changed: Mountpoint | undefined): Form {
  return {
    name: changed?.name ?? '',
    password: '',
    access: changed?.access ?? 'accounts',
    place: changed?.place ?? '',
    country: changed?.country ?? '',
    network: changed?.network ?? '',
    secondBase: changed?.secondBase ?? 'refuse',
    listed: changed?.listed ?? true,
    fee: changed?.fee ?? false,
    chunked: changed?.chunked ?? false,
    raw: changed?.raw ?? false,
  };
}

type Text = ReturnType<typeof useText<(typeof mountpointMessages)['en']>>;

/** As docs/openapi.json has it of NewMountpoint. */
function faultsOf(form: Form, isNew: boolean, text: Text): Partial<Record<keyof Form, string>> {
  const faults: Partial<Record<keyof Form, string>> = {};
  if (isNew && !/^[A-Za-z0-9._-]{1,100}$/.test(form.name)) faults.name = text.nameWrong;
  if (isNew && form.password === '') faults.password = text.passwordMissing;
  else if (!/^[!-~]{0,256}$/.test(form.password)) faults.password = text.passwordWrong;
  if (!/^([A-Z]{3})?$/.test(form.country)) faults.country = text.countryWrong;
  return faults;
}

function MountpointForm({ changed, onClose, onSaved }: MountpointDialogProps) {
  const text = useText(mountpointMessages);
  const common = useText(commonMessages);
  const [form, setForm] = useState(() => formOf(changed));
  const [wasSent, setWasSent] = useState(false);
  const [isMore, setIsMore] = useState(false);
  const create = useChange('POST /v1/mountpoints', ['/v1/mountpoints']);
  const update = useChange('PATCH /v1/mountpoints/{id}', ['/v1/mountpoints']);
  const found = faultsOf(form, changed === undefined, text);
  const faults = wasSent ? found : {};
  const error = create.error ?? update.error;
  const set = (part: Partial<Form>): void => setForm((before) => ({ ...before, ...part }));

  const send = (): void => {
    const { name, password, place, country, network, ...settings } = form;
    const secret = password === '' ? {} : { sourcePassword: password };
    if (changed === undefined) {
      const given = Object.fromEntries(
        Object.entries({ place, country, network }).filter(([, value]) => value !== ''),
      );
      create.mutate({ body: { name, ...secret, ...given, ...settings } }, { onSuccess: onSaved });
    } else {
      const texts = { place: place || null, country: country || null, network: network || null };
      update.mutate(
        { path: { id: changed.id }, body: { ...secret, ...texts, ...settings } },
        { onSuccess: onSaved },
      );
    }
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setWasSent(true);
    if (Object.keys(found).length === 0) send();
  };
  const field = (name: 'name' | 'password' | 'place' | 'country' | 'network') => ({
    ...{ value: form[name], error: faults[name], autoComplete: 'off', spellCheck: false },
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });
  const check = (name: 'listed' | 'fee' | 'chunked' | 'raw') => ({
    ...{ checked: form[name], label: text[name] },
    onChange: (event: { currentTarget: { checked: boolean } }) =>
      set({ [name]: event.currentTarget.checked }),
  });

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {changed === undefined && (
          <TextInput
            label={text.name}
            description={text.nameHint}
            {...field('name')}
            required
            data-autofocus
          />
        )}
        <TextInput
          label={text.password}
          description={
            changed === undefined ? text.passwordHint : `${text.passwordHint} ${text.passwordKept}`
          }
          {...field('password')}
          required={changed === undefined}
        />
        <Choice
          label={text.accessLabel}
          texts={text.access}
          value={form.access}
          onChange={(access) => set({ access })}
        />
        <Group grow align="flex-start">
          <TextInput label={text.place} description={text.placeHint} {...field('place')} maxLength={200} />
          <TextInput
            label={text.country}
            description={text.countryHint}
            {...field('country')}
            maxLength={3}
          />
        </Group>
        <UnstyledButton onClick={() => setIsMore(!isMore)} aria-expanded={isMore}>
          <Group gap={6}>
            <Icon name={isMore ? 'up' : 'down'} />
            {text.more}
          </Group>
        </UnstyledButton>
        <Collapse expanded={isMore}>
          <Stack>
            <TextInput label={text.network} {...field('network')} maxLength={200} />
            <Choice
              label={text.second}
              texts={text.secondBase}
              value={form.secondBase}
              onChange={(secondBase) => set({ secondBase })}
            />
            <Checkbox {...check('listed')} />
            <Checkbox {...check('fee')} />
            <Checkbox {...check('chunked')} />
            <Checkbox {...check('raw')} />
          </Stack>
        </Collapse>
        {error !== null && <ProblemBox error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending || update.isPending}>
            {changed === undefined ? common.create : common.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
