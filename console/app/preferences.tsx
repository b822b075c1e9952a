// Language and colors, from anywhere, also before anybody has signed in.

import { ActionIcon, Group, Menu, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { LANGUAGES, LOCALES, useLanguage, type Language } from '../i18n/language.tsx';
import { useText } from '../i18n/messages.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { commonMessages } from './common-messages.ts';

const SCHEMES = { light: 'sun', dark: 'moon', auto: 'auto' } as const satisfies Record<
  MantineColorScheme,
  IconName
>;

const SIGNS: Readonly<Record<Language, string>> = { en: 'EN', zh: '中' };

export function Preferences() {
  const text = useText(commonMessages);
  const { language, choose } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Group gap={4} wrap="nowrap">
      <Menu position="bottom-end" withinPortal={false}>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={`${text.language}: ${SIGNS[language]}`}
          >
            {SIGNS[language]}
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {(Object.keys(LANGUAGES) as Language[]).map((one) => (
            <Menu.Item key={one} lang={LOCALES[one]} onClick={() => choose(one)}>
              {LANGUAGES[one]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-end" withinPortal={false}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={text.scheme.label}>
            <Icon name={SCHEMES[colorScheme]} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {(Object.keys(SCHEMES) as MantineColorScheme[]).map((scheme) => (
            <Menu.Item
              key={scheme}
              leftSection={<Icon name={SCHEMES[scheme]} />}
              onClick={() => setColorScheme(scheme)}
            >
              {text.scheme[scheme]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
