// The look of the shop: that of the console, with parts that a thumb meets.

import { createTheme, mergeThemeOverrides } from '@mantine/core';
import { look } from '../../console/app/look.ts';

const LARGE = { defaultProps: { size: 'md' } };

export const shopTheme = mergeThemeOverrides(
  look,
  createTheme({
    defaultRadius: 'lg',
    components: {
      Button: LARGE,
      TextInput: LARGE,
      PasswordInput: LARGE,
      NativeSelect: LARGE,
      Modal: { defaultProps: { centered: true } },
    },
  }),
);
