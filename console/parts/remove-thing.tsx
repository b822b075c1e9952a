// Deletes one thing by the API, once its name has been typed.

import { Button } from '@mantine/core';
import { useState } from 'react';
import { useChange } from '../api/queries.ts';
import { commonMessages } from '../app/common-messages.ts';
import { useText } from '../i18n/messages.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';

export interface RemoveThingProps {
  readonly operation:
    | 'DELETE /v1/mountpoints/{id}'
    | 'DELETE /v1/service-specs/{id}'
    | 'DELETE /v1/billing-plans/{id}'
    | 'DELETE /v1/customers/{id}';
  /** Beginning of the paths that show it. */
  readonly touches: string;
  readonly thing: { readonly id: string; readonly name: string };
  readonly text: { readonly remove: string; readonly removeTitle: string; readonly removeWords: string };
  readonly onRemoved: () => void;
}

export function RemoveThing({ operation, touches, thing: { id, name }, text, onRemoved }: RemoveThingProps) {
  const common = useText(commonMessages);
  const remove = useChange(operation, [touches]);
  const [isAsked, setIsAsked] = useState(false);
  return (
    <div>
      <Button color="red" variant="light" onClick={() => setIsAsked(true)}>
        {text.remove}
      </Button>
      <ConfirmDialog
        isOpen={isAsked}
        onClose={() => setIsAsked(false)}
        title={text.removeTitle}
        words={text.removeWords}
        action={common.remove}
        name={name}
        isWorking={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ path: { id } }, { onSuccess: onRemoved })}
      />
    </div>
  );
}
