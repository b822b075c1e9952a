// The question before something is given away or ended; what goes wrong with it is told in the driver's language. Dialogs
// are loaded when the first one is asked for.

import { lazy, Suspense } from 'react';
import type { ConfirmDialogProps } from '../../console/parts/confirm-dialog.tsx';
import { useProblemWords } from './problem-words.ts';

const ConfirmDialog = lazy(async () => ({
  default: (await import('../../console/parts/confirm-dialog.tsx')).ConfirmDialog,
}));

export function Ask(props: Omit<ConfirmDialogProps, 'errorWords'>) {
  const errorWords = useProblemWords(props.error);
  if (!props.isOpen) return null;
  return (
    <Suspense>
      <ConfirmDialog {...props} errorWords={errorWords} />
    </Suspense>
  );
}
