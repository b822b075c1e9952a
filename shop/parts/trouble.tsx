// What went wrong, in the driver's language where a driver can meet it, and in the server's words elsewhere.

import { Button } from '@mantine/core';
import { ApiError } from '../../console/api/client.ts';
import { useText } from '../../console/i18n/messages.ts';
import { EmptyState } from '../../console/parts/empty-state.tsx';
import { ProblemBox, type ProblemBoxProps } from '../../console/parts/problem-box.tsx';
import { shopMessages } from '../app/shop-messages.ts';
import { useProblemWords } from './problem-words.ts';

export function Trouble({ error, retry }: Pick<ProblemBoxProps, 'error' | 'retry'>) {
  const words = useProblemWords(error);
  if (error instanceof ApiError && error.code === 'unreachable' && retry !== undefined)
    return <Offline retry={retry} />;
  return <ProblemBox error={error} words={words} retry={retry} />;
}

/** Of a page that cannot be shown without a connection. */
export function Offline({ retry }: { readonly retry: () => void }) {
  const text = useText(shopMessages).offline;
  return (
    <EmptyState title={text.title} words={text.words}>
      <Button variant="default" onClick={retry}>
        {text.again}
      </Button>
    </EmptyState>
  );
}
