// Which files a page of the shop needs to be drawn: those that it names itself. A pure function of its text.

const NAMED = /\b(?:src|href)="([^"]+)"/g;

/** Paths below `scope` (`/shop/`), each once. */
export function shellFiles(page: string, scope: string): string[] {
  const named = Array.from(page.matchAll(NAMED), ([, address = '']) => address);
  return [...new Set(named)].filter((address) => address.startsWith(scope) && address !== scope);
}
