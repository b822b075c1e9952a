// The keyboard: `g` and a letter opens a screen, `/` goes to the first filter, `?` shows these. None is taken from
// somebody who types into a field.

import { Kbd, Modal, Table } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { messages, useText } from '../i18n/messages.ts';
import { commonMessages } from './common-messages.ts';
import { findFirstFilter } from '../parts/first-filter.ts';
import type { Screen } from './screens.ts';
import { screenTitles } from './screen-titles.ts';

const texts = messages({
  en: {
    help: 'Show the keyboard shortcuts',
    filter: 'Go to the first filter',
    keys: 'Keys',
    does: 'What it does',
  },
  zh: { help: '显示键盘快捷键', filter: '跳到第一个筛选框', keys: '按键', does: '作用' },
});

/** How long `g` waits for its letter. */
const PAIR_MS = 1500;

export function Shortcuts({ screens }: { readonly screens: readonly Screen[] }) {
  const text = useText(texts);
  const common = useText(commonMessages);
  const titles = useText(screenTitles);
  const [isOpen, help] = useDisclosure(false);
  const [, navigate] = useLocation();
  const pressedAt = useRef(-Infinity);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === '?') help.open();
      else if (event.key === '/') {
        const field = findFirstFilter();
        if (field === null) return;
        event.preventDefault();
        field.focus();
      } else if (event.key === 'g') pressedAt.current = event.timeStamp;
      else if (event.timeStamp - pressedAt.current < PAIR_MS) {
        pressedAt.current = -Infinity;
        const screen = screens.find(({ shortcut }) => shortcut === event.key);
        if (screen !== undefined) navigate(screen.path);
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [screens, navigate, help]);

  return (
    <Modal
      opened={isOpen}
      onClose={help.close}
      title={common.showHelp}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.keys}</Table.Th>
            <Table.Th>{text.does}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {screens.map(({ path, shortcut, title }) => (
            <Table.Tr key={path}>
              <Table.Td>
                <Kbd>g</Kbd> <Kbd>{shortcut}</Kbd>
              </Table.Td>
              <Table.Td>{titles[title]}</Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr>
            <Table.Td>
              <Kbd>/</Kbd>
            </Table.Td>
            <Table.Td>{text.filter}</Table.Td>
          </Table.Tr>
          <Table.Tr>
            <Table.Td>
              <Kbd>?</Kbd>
            </Table.Td>
            <Table.Td>{text.help}</Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
    </Modal>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}
