// A page: its heading, the way back, and what it shows.

import { Stack, Title } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { Link } from 'wouter';
import { commonMessages } from '../../console/app/common-messages.ts';
import { useText } from '../../console/i18n/messages.ts';
import { ErrorFence } from '../../console/parts/error-fence.tsx';
import { Icon } from '../../console/parts/icon.tsx';

export interface PageProps {
  readonly title: string;
  /** Of a title that people elsewhere gave: as it is written there. */
  readonly language?: string | undefined;
  readonly back?: { readonly to: string; readonly label: string };
  readonly children: ReactNode;
}

export function Page({ title, language, back, children }: PageProps) {
  const common = useText(commonMessages);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${common.product}`;
  }, [title, common]);
  // Whoever hears the page is told that another one is there; whoever sees it is at its top.
  useEffect(() => {
    window.scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <Stack gap="md">
      <div>
        {back !== undefined && (
          <Link href={back.to} className="shop-back">
            <Icon name="back" />
            {back.label}
          </Link>
        )}
        <Title
          order={1}
          size="h2"
          ref={heading}
          tabIndex={-1}
          lang={language}
          className="shop-title breakable"
        >
          {title}
        </Title>
      </div>
      <ErrorFence>{children}</ErrorFence>
    </Stack>
  );
}
