// What belongs together on one screen, a tab each; the open one stands in the address.

import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useQueryState } from './use-query-state.ts';

export interface ScreenTab {
  /** In the address; the first one is there without it. */
  readonly name: string;
  readonly title: string;
  readonly content: ReactNode;
}

export function ScreenTabs({ label, tabs }: { readonly label: string; readonly tabs: readonly ScreenTab[] }) {
  const [location, navigate] = useLocation();
  const wanted = useQueryState().get('tab');
  const open = tabs.find(({ name }) => name === wanted) ?? tabs[0];
  if (open === undefined) return null;
  if (tabs.length === 1) return open.content;
  // Filters of one tab mean nothing to another.
  const choose = (name: string | null): void =>
    navigate(name === null || name === tabs[0]?.name ? location : `${location}?tab=${name}`);
  return (
    <Tabs value={open.name} onChange={choose} keepMounted={false}>
      <Tabs.List aria-label={label} mb="md">
        {tabs.map(({ name, title }) => (
          <Tabs.Tab key={name} value={name}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ name, content }) => (
        <Tabs.Panel key={name} value={name}>
          {content}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
