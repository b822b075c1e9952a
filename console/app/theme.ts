// The look of the console: dense, and nothing that needs a style made at run time beyond the one of the theme.

import { Badge, createTheme, Drawer, mergeThemeOverrides, Table, Tooltip } from '@mantine/core';
import { DIALOG, look } from './look.ts';

export const theme = mergeThemeOverrides(
  look,
  createTheme({
    components: {
      // Words as they are written: names of events and faults are not shouted.
      Badge: Badge.extend({ defaultProps: { tt: 'none', fw: 600 } }),
      Drawer: Drawer.extend({ defaultProps: DIALOG }),
      Table: Table.extend({ defaultProps: { verticalSpacing: 'xs', highlightOnHover: true } }),
      Tooltip: Tooltip.extend({ defaultProps: { events: { hover: true, focus: true, touch: true } } }),
    },
  }),
);
