// The configuration file: changed as text, checked by the server, then written and taken over.

import { Alert, Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import type { Settings, SettingsCheck } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useChange } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { ChangeTable, MistakeList } from './judgement.tsx';
import { settingsMessages } from './messages.ts';

type File = NonNullable<Settings['file']>;

export interface FileTabProps {
  /** Null: the server was started without one. */
  readonly file: Settings['file'];
  readonly readAgain: () => Promise<Settings['file']>;
}

export function FileTab({ file, readAgain }: FileTabProps) {
  const text = useText(settingsMessages);
  // What is edited stays what it is, whatever is read meanwhile.
  const [edited, setEdited] = useState(file);
  if (edited === null) return <EmptyState title={text.noFileTitle} words={text.noFileWords} />;
  const again = async (): Promise<void> => setEdited(await readAgain());
  return <Editor key={edited.etag} file={edited} readAgain={() => void again()} />;
}

interface Checked extends SettingsCheck {
  /** What was checked. */
  readonly text: string;
}

function Editor({ file, readAgain }: { readonly file: File; readonly readAgain: () => void }) {
  const text = useText(settingsMessages);
  const formats = useFormats();
  const mayWrite = useMay('settings:write');
  const [draft, setDraft] = useState(file.text ?? '');
  const [checked, setChecked] = useState<Checked>();
  const [isAsked, setIsAsked] = useState(false);
  const [reason, setReason] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const check = useChange('POST /v1/settings/check', []);
  const apply = useChange('PUT /v1/settings', ['/v1/settings', '/v1/mountpoints', '/v1/audit']);
  const isFresh = checked?.text === draft;
  const { changes = [], mistakes = [] } = checked ?? {};
  const counts = (of: readonly { readonly live: boolean }[]) =>
    [of.filter(({ live }) => live), of.filter(({ live }) => !live)].map((some) =>
      formats.number(some.length),
    ) as [string, string];

  const goTo = (line: number): void => {
    const element = field.current;
    if (element === null) return;
    const before =
      draft
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length + (line > 1 ? 1 : 0);
    const end = draft.indexOf('\n', before);
    element.focus();
    element.setSelectionRange(before, end < 0 ? draft.length : end);
    element.scrollTop = (element.scrollHeight / draft.split('\n').length) * Math.max(0, line - 4);
  };
  const send = (): void => {
    const sent = draft;
    check.mutate(
      { body: { text: sent, etag: file.etag } },
      { onSuccess: (answer) => setChecked({ ...answer, text: sent }) },
    );
  };
  const confirm = (): void =>
    apply.mutate(
      {
        body: { text: draft, etag: file.etag, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) },
      },
      {
        onSuccess: () => {
          setIsAsked(false);
          setChecked(undefined);
        },
      },
    );

  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {text.fileIs}: <span className="mono breakable">{file.name}</span>
      </Text>
      {!file.writable && <Alert color="yellow">{text.notWritable}</Alert>}
      {file.text === null && <Alert color="red">{text.notYaml}</Alert>}
      {apply.data !== undefined && (
        <Alert color="green" role="status">
          {text.applied(...counts(apply.data.changes))}
        </Alert>
      )}
      {checked === undefined && file.mistakes.length > 0 && (
        <MistakeList mistakes={file.mistakes} onLine={goTo} />
      )}
      {checked === undefined && apply.data === undefined && file.changes.length > 0 && (
        <>
          <Text size="sm">{text.pending}</Text>
          <ChangeTable changes={file.changes} />
        </>
      )}
      <Textarea
        ref={field}
        label={text.editor}
        description={text.editorHint}
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
        rows={22}
        readOnly={!mayWrite || apply.isPending}
        spellCheck={false}
        autoComplete="off"
        classNames={{ input: 'yaml' }}
        wrap="off"
      />
      {check.error !== null && <ProblemBox error={check.error} retry={readAgain} />}
      {mayWrite && (
        <Group>
          <Button onClick={send} loading={check.isPending} variant="default">
            {text.check}
          </Button>
          <Button
            onClick={() => setIsAsked(true)}
            disabled={!isFresh || !checked.ok || !file.writable || apply.isSuccess}
          >
            {text.apply}
          </Button>
          <Button variant="subtle" color="gray" onClick={readAgain}>
            {draft === file.text ? text.again : text.discard}
          </Button>
          {checked !== undefined && !isFresh && <Text size="sm">{text.stale}</Text>}
        </Group>
      )}
      {checked !== undefined && (
        <Stack gap="md" aria-live="polite">
          <MistakeList mistakes={mistakes} onLine={goTo} />
          {checked.ok && <ChangeTable changes={changes} />}
        </Stack>
      )}
      <ConfirmDialog
        isOpen={isAsked}
        onClose={() => setIsAsked(false)}
        title={text.applyTitle}
        words={text.applyWords(...counts(changes))}
        action={text.apply}
        isWorking={apply.isPending}
        error={apply.error}
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
    </Stack>
  );
}
