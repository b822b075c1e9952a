// Where a driver goes to pay: an address of the web, and of nothing that a browser would run.

export function providerPage(url: string | null): string | undefined {
  if (url === null || !URL.canParse(url)) return undefined;
  return ['https:', 'http:'].includes(new URL(url).protocol) ? url : undefined;
}
