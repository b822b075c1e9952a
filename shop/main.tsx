// Where the shop begins.

import './app/styles.ts';
import { keepKeyIn } from '../console/api/credentials.ts';
import { startPage } from '../console/app/start.tsx';
import { App } from './app/app.tsx';
import { shopTheme } from './app/theme.ts';
import { listenForInstall } from './parts/install.ts';

// A phone ends pages that are not looked at, and a payment leads to another page and back: a driver would sign in several
// times a day. So the token stays until he signs out, the 30 days of the session are over, or it is ended from elsewhere
// (docs/shop.md). No script but those of this server runs here (its Content-Security-Policy) that could read it.
keepKeyIn(localStorage, 'rovercast.driver');
listenForInstall();
startPage(<App />, shopTheme);

// Only where the page came by TLS or from the same machine do browsers have workers.
if ('serviceWorker' in navigator) {
  void navigator.serviceWorker
    .register(`${import.meta.env.BASE_URL}service-worker.js`)
    .catch(() => undefined);
}
