// The look that console and shop share: colors, letters, and text dark enough on every ground (WCAG AA). It names parts of
// the component kit without importing them, so that a page has the weight of those alone that it shows.

import { createTheme, type CSSVariablesResolver } from '@mantine/core';

const TITLED = { title: { fontWeight: 650, fontSize: 'var(--mantine-font-size-lg)' } };
/** The head of a dialog is no banner of the page; locking the scroll would write a style that the policy refuses. */
export const DIALOG = {
  lockScroll: false,
  styles: TITLED,
  attributes: { header: { role: 'none' } },
} as const;

export const look = createTheme({
  primaryColor: 'cyan',
  primaryShade: 9,
  autoContrast: true,
  luminanceThreshold: 0.25,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "WenQuanYi Zen Hei", "Noto Sans SC", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: { fontWeight: '650' },
  components: { Modal: { defaultProps: DIALOG } },
});

/** Darker, and not lighter, than what is not pointed at: white words on it can be read. */
const POINTED_AT = {
  '--mantine-primary-color-filled-hover': '#095c6b',
  '--mantine-color-cyan-filled-hover': '#095c6b',
};

/** Small gray words that can be read: 4.5 to 1 at least on every ground (WCAG 1.4.3). */
export const readableColors: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...POINTED_AT,
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-green-light-color': '#1b5e2a',
    '--mantine-color-orange-light-color': '#8a2e06',
    '--mantine-color-yellow-light-color': '#7a4500',
    '--mantine-color-red-light-color': '#a51d1d',
    '--mantine-color-blue-light-color': '#0b4a86',
    '--mantine-color-grape-light-color': '#702a86',
    '--mantine-color-gray-light-color': '#343a40',
  },
  dark: { ...POINTED_AT, '--mantine-color-dimmed': 'var(--mantine-color-gray-5)' },
});
