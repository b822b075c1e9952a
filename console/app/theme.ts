// The look of the console: dense, with text dark enough on every badge (WCAG AA), and nothing that needs a style made at
// run time beyond the one of the theme.

import { Badge, createTheme, Drawer, Modal, Table, Tooltip, type CSSVariablesResolver } from '@mantine/core';

const TITLED = { title: { fontWeight: 650, fontSize: 'var(--mantine-font-size-lg)' } };
/** The head of a dialog is no banner of the page. */
const NO_LANDMARK = { header: { role: 'none' } };

export const theme = createTheme({
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
  components: {
    // Words as they are written: names of events and faults are not shouted.
    Badge: Badge.extend({ defaultProps: { tt: 'none', fw: 600 } }),
    // Locking the scroll would write a style of its own, which the Content-Security-Policy refuses.
    Drawer: Drawer.extend({ defaultProps: { lockScroll: false, styles: TITLED, attributes: NO_LANDMARK } }),
    Modal: Modal.extend({ defaultProps: { lockScroll: false, styles: TITLED, attributes: NO_LANDMARK } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 'xs', highlightOnHover: true } }),
    Tooltip: Tooltip.extend({ defaultProps: { events: { hover: true, focus: true, touch: true } } }),
  },
});

/** Small gray words that can be read: 4.5 to 1 at least on every ground (WCAG 1.4.3). */
export const readableColors: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-green-light-color': '#1b5e2a',
    '--mantine-color-orange-light-color': '#8a2e06',
    '--mantine-color-yellow-light-color': '#7a4500',
    '--mantine-color-red-light-color': '#a51d1d',
    '--mantine-color-blue-light-color': '#0b4a86',
    '--mantine-color-grape-light-color': '#702a86',
    '--mantine-color-gray-light-color': '#343a40',
  },
  dark: { '--mantine-color-dimmed': 'var(--mantine-color-gray-5)' },
});
