// Nobody is signed in: the sign-in. Somebody is: the frame with the screens that his key opens.

import { Center, Loader } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { Router } from 'wouter';
import { CallerProvider, useMayFollow } from '../api/caller.ts';
import { onKeyChange, presentedKey, setPresentedKey } from '../api/credentials.ts';
import { useLiveFeed } from '../api/live-feed.ts';
import { useRead } from '../api/queries.ts';
import { useText } from '../i18n/messages.ts';
import { ProblemBox } from '../parts/problem-box.tsx';
import { SignIn } from '../screens/sign-in/sign-in.tsx';
import { commonMessages } from './common-messages.ts';
import { Frame } from './frame.tsx';

export function App() {
  const key = useSyncExternalStore(onKeyChange, presentedKey);
  return <Router base="/console">{key === undefined ? <SignIn /> : <SignedIn key={key} />}</Router>;
}

function SignedIn() {
  const text = useText(commonMessages);
  const caller = useRead('GET /v1/me', {});
  if (caller.data !== undefined) {
    return (
      <CallerProvider value={caller.data}>
        <Following />
      </CallerProvider>
    );
  }
  return (
    <Center component="main" h="100%" p="xl">
      {caller.error === null ? (
        <Loader aria-label={text.loading} />
      ) : (
        <ProblemBox
          error={caller.error}
          retry={() => void caller.refetch()}
          leave={{ label: text.signOut, onClick: () => setPresentedKey(undefined) }}
        />
      )}
    </Center>
  );
}

function Following() {
  useLiveFeed(useMayFollow());
  return <Frame />;
}
