// A package made: what it is for. Its content is given afterwards.

import { Button, Group, Modal, SimpleGrid, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useMay } from '../../api/caller.ts';
import { useChange } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { CustomerChoice } from '../../parts/customer-choice.tsx';
import { Icon } from '../../parts/icon.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { releaseMessages } from './messages.ts';

interface NewPackageProps {
  readonly onMade: (id: string) => void;
}

/** The button and the dialog that it opens. */
export function NewPackage({ onMade }: NewPackageProps) {
  const text = useText(releaseMessages).form;
  const common = useText(commonMessages);
  const state = useQueryState();
  const mayMake = useMay('packages:write');
  if (!mayMake) return null;
  const isOpen = state.get('new') !== '';
  const leave = (): void => state.set({ new: '' });
  return (
    <>
      <Button leftSection={<Icon name="plus" />} onClick={() => state.set({ new: '1' }, 'push')}>
        {text.make}
      </Button>
      <Modal
        opened={isOpen}
        onClose={leave}
        size="lg"
        title={text.make}
        closeButtonProps={{ 'aria-label': common.close }}
      >
        {isOpen && <PackageForm onMade={onMade} onCancel={leave} />}
      </Modal>
    </>
  );
}

const NEW = {
  ...{ partNumber: '', version: '', minVersionFrom: '', notes: '', customerId: '' },
  ...{ prefixes: [] as readonly string[], requires: [] as readonly string[] },
};

const isVersion = (text: string): boolean => /^\d+(\.\d+){0,3}$/.test(text);
/** `PART@1.4.0`, as the reference vehicle writes it. */
const REQUIRED = /^([A-Za-z0-9._-]{1,64})@(\d+(?:\.\d+){0,3})$/;

function PackageForm({ onMade, onCancel }: NewPackageProps & { readonly onCancel: () => void }) {
  const text = useText(releaseMessages).form;
  const common = useText(commonMessages);
  const [form, setForm] = useState(NEW);
  const [wasSent, setWasSent] = useState(false);
  const make = useChange('POST /v1/packages', ['/v1/packages']);
  const set = (part: Partial<typeof NEW>): void => setForm((before) => ({ ...before, ...part }));
  const faults = {
    partNumber: !/^[A-Za-z0-9._-]{1,64}$/.test(form.partNumber) && text.partWrong,
    version: !isVersion(form.version) && text.versionWrong,
    minVersionFrom: form.minVersionFrom !== '' && !isVersion(form.minVersionFrom) && text.versionWrong,
    requires: !form.requires.every((one) => REQUIRED.test(one)) && text.requiresWrong,
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setWasSent(true);
    if (Object.values(faults).some((fault) => fault !== false)) return;
    const requires = form.requires.flatMap((one) => {
      const [, partNumber, version] = REQUIRED.exec(one) ?? [];
      return partNumber === undefined || version === undefined ? [] : [{ partNumber, version }];
    });
    const body = {
      ...{ partNumber: form.partNumber, version: form.version, notes: form.notes },
      minVersionFrom: form.minVersionFrom === '' ? null : form.minVersionFrom,
      compatibility: { vehicleIdPrefixes: form.prefixes, requires },
      ...(form.customerId === '' ? {} : { customerId: form.customerId }),
    };
    make.mutate({ body }, { onSuccess: ({ id }) => onMade(id) });
  };
  const field = (name: 'partNumber' | 'version' | 'minVersionFrom') => ({
    ...{ label: text[name], value: form[name], maxLength: 64, autoComplete: 'off', spellCheck: false },
    error: wasSent && faults[name],
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <CustomerChoice value={form.customerId} onChange={(customerId) => set({ customerId })} />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput {...field('partNumber')} required data-autofocus />
          <TextInput {...field('version')} required />
        </SimpleGrid>
        <TextInput {...field('minVersionFrom')} description={text.minVersionHint} />
        <TagsInput
          label={text.prefixes}
          description={text.prefixesHint}
          value={[...form.prefixes]}
          onChange={(prefixes) => set({ prefixes })}
          maxTags={100}
          splitChars={[',', ' ', ';']}
        />
        <TagsInput
          label={text.requires}
          description={text.requiresHint}
          value={[...form.requires]}
          error={wasSent && faults.requires}
          onChange={(requires) => set({ requires })}
          maxTags={20}
          splitChars={[',', ' ', ';']}
        />
        <Textarea
          label={text.notes}
          value={form.notes}
          onChange={(event) => set({ notes: event.currentTarget.value })}
          maxLength={4000}
          rows={3}
        />
        {make.error !== null && <ProblemBox error={make.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {common.cancel}
          </Button>
          <Button type="submit" loading={make.isPending}>
            {common.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
