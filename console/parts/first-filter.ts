// The field to which the key `/` goes (app/shortcuts.tsx): a screen puts this on one of its own.

export const FIRST_FILTER = { 'data-first-filter': true } as const;

export function findFirstFilter(): HTMLElement | null {
  return document.querySelector<HTMLElement>('[data-first-filter]');
}
