// One thing opened beside the list that it stands in.

import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ApiError } from '../api/client.ts';
import { commonMessages } from '../app/common-messages.ts';
import { useText } from '../i18n/messages.ts';
import { ProblemBox } from './problem-box.tsx';

export interface SideDrawerProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Undefined while it is not known. */
  readonly title: string | undefined;
  readonly size?: 'lg' | 'xl';
  /** Why it cannot be shown. */
  readonly error?: ApiError | null;
  readonly children: ReactNode;
}

export function SideDrawer({ isOpen, onClose, title, size = 'lg', error = null, children }: SideDrawerProps) {
  const common = useText(commonMessages);
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      position="right"
      size={size}
      title={title ?? common.loading}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      {error !== null && <ProblemBox error={error} />}
      {children}
    </Drawer>
  );
}
