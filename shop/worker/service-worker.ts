// The worker of the shop: it keeps the page and the files that the page names, so that the shop opens without a connection
// and says that there is none. It keeps no answer of the API and touches no request to it: what somebody bought, and for
// whom, is on no phone but in the page that shows it. The page comes from the network wherever there is one.

import { shellFiles } from './shell-files.ts';

const worker = self as unknown as ServiceWorkerGlobalScope;

const SHELL = 'rovercast.shop.shell';
/** `/shop/`: the address that the page is kept under, whichever of its addresses it came by. */
const scope = new URL(worker.registration.scope).pathname;

worker.addEventListener('install', (event) => {
  event.waitUntil(keepFreshPage());
  void worker.skipWaiting();
});

worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin || !pathname.startsWith(scope)) return;
  if (request.mode !== 'navigate') event.respondWith(keptOrFetched(request));
  else event.respondWith(freshPage(event));
});

async function keepFreshPage(): Promise<void> {
  const page = await fetch(scope, { cache: 'no-store' });
  if (!page.ok) throw new Error(`the page was answered ${page.status}`);
  await keep(page);
}

/** The page from the network; without a connection the one that is kept. */
async function freshPage(event: FetchEvent): Promise<Response> {
  try {
    const page = await fetch(event.request);
    if (page.ok) event.waitUntil(keep(page.clone()));
    return page;
  } catch (error) {
    const kept = await caches.match(scope);
    if (kept === undefined) throw error;
    return kept;
  }
}

async function keptOrFetched(request: Request): Promise<Response> {
  // Kept as it is here, whatever codings browser and server agreed on.
  return (await caches.match(request, { ignoreVary: true })) ?? (await fetch(request));
}

/** The page together with its files, and nothing of the page before it. */
async function keep(page: Response): Promise<void> {
  const cache = await caches.open(SHELL);
  const files = shellFiles(await page.clone().text(), scope);
  const there = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  await cache.addAll(files.filter((file) => !there.includes(file)));
  await cache.put(scope, page);
  const left = there.filter((file) => file !== scope && !files.includes(file));
  await Promise.all(left.map((file) => cache.delete(file)));
}
