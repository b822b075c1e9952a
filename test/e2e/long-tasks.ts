// How long the main thread of a page is held up: `longtask` entries (W3C Long Tasks).

import type { Page } from 'playwright-core';

/** The longest task of the page's main thread from now on, when it is asked; 0 where none took 50 ms. */
export async function longestTaskOf(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(`window.longestMs = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longestMs = Math.max(window.longestMs, duration);
    }).observe({ type: 'longtask' });`);
  return () => page.evaluate<number>('window.longestMs');
}
