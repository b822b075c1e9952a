// What a page of ours begins with: language, look, and what is kept of the API's answers, around everything else.

import { MantineProvider, type MantineThemeOverride } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { onKeyChange } from '../api/credentials.ts';
import { createQueryClient } from '../api/queries.ts';
import { LanguageProvider } from '../i18n/language.tsx';
import { readableColors } from './look.ts';

// After an update of the server the files of the old page are gone: the new page names the new ones.
// Where a file is still missing then, another page within the minute would not help either: the error is shown.
const RELOADED_AT = 'rovercast.reloaded-at';

/** Draws `content` in the page, once. */
export function startPage(content: ReactNode, theme: MantineThemeOverride): void {
  window.addEventListener('vite:preloadError', () => {
    if (Date.now() - Number(sessionStorage.getItem(RELOADED_AT)) < 60_000) return;
    sessionStorage.setItem(RELOADED_AT, String(Date.now()));
    window.location.reload();
  });
  /** By which the Content-Security-Policy knows the style of the theme. */
  const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
  const queries = createQueryClient();
  // What somebody else read must not be shown to the next one.
  onKeyChange(() => queries.clear());
  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <MantineProvider
          theme={theme}
          cssVariablesResolver={readableColors}
          defaultColorScheme="auto"
          getStyleNonce={() => nonce}
        >
          <LanguageProvider>{content}</LanguageProvider>
        </MantineProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
