// Where the console begins: language, look, and what is kept of the API's answers, around everything else.

import '@mantine/core/styles.css';
import './app/console.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createQueryClient } from './api/queries.ts';
import { onKeyChange } from './api/credentials.ts';
import { App } from './app/app.tsx';
import { readableColors, theme } from './app/theme.ts';
import { LanguageProvider } from './i18n/language.tsx';

// After an update of the server the files of the old console are gone: the new page names the new ones.
// Where a file is still missing then, another page within the minute would not help either: the error is shown.
const RELOADED_AT = 'rovercast.reloaded-at';
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
        <LanguageProvider>
          <App />
        </LanguageProvider>
      </MantineProvider>
    </QueryClientProvider>
  </StrictMode>,
);
