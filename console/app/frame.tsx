// The frame around every screen: skip link, product, menu, who is signed in, language and colors, and the live sign.

import {
  AppShell,
  Box,
  Burger,
  Center,
  Group,
  Loader,
  NavLink,
  ScrollArea,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense, useEffect, useId, useRef } from 'react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { useCaller } from '../api/caller.ts';
import iconUrl from '../icon.svg';
import { useText } from '../i18n/messages.ts';
import { EmptyState } from '../parts/empty-state.tsx';
import { ErrorFence } from '../parts/error-fence.tsx';
import { Icon } from '../parts/icon.tsx';
import { commonMessages } from './common-messages.ts';
import { LiveSign } from './live-sign.tsx';
import { Preferences } from './preferences.tsx';
import { SCREEN_AREAS, screensOf, type Screen, type ScreenArea } from './screens.ts';
import { areaTitles, screenTitles } from './screen-titles.ts';
import { Shortcuts } from './shortcuts.tsx';
import { WhoMenu } from './who-menu.tsx';

export function Frame() {
  const text = useText(commonMessages);
  const caller = useCaller();
  const screens = screensOf(caller);
  const [isMenuOpen, menu] = useDisclosure(false);
  return (
    <>
      <a href="#content" className="skip-link" onClick={(event) => skipTo(event)}>
        {text.skip}
      </a>
      <Shortcuts screens={screens} />
      <AppShell
        header={{ height: 54 }}
        navbar={{ width: 210, breakpoint: 'sm', collapsed: { mobile: !isMenuOpen } }}
        padding={{ base: 'sm', md: 'lg' }}
      >
        <AppShell.Header>
          <Group h="100%" px="md" justify="space-between" wrap="nowrap">
            <Group gap="sm" wrap="nowrap">
              <Burger
                opened={isMenuOpen}
                onClick={menu.toggle}
                hiddenFrom="sm"
                size="sm"
                aria-label={text.menu}
                aria-expanded={isMenuOpen}
              />
              <Link href="/" className="mark" aria-label={text.product}>
                <img src={iconUrl} alt="" width={26} height={26} />
                <span>{text.product}</span>
              </Link>
            </Group>
            <Group gap="xs" wrap="nowrap">
              <LiveSign />
              <Preferences />
              <WhoMenu />
            </Group>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="xs" aria-label={text.menu}>
          <ScrollArea>
            {SCREEN_AREAS.map((area) => (
              <MenuArea
                key={area}
                area={area}
                screens={screens.filter((screen) => screen.area === area)}
                onChosen={menu.close}
              />
            ))}
          </ScrollArea>
        </AppShell.Navbar>
        <AppShell.Main id="content" tabIndex={-1}>
          {screens.length === 0 ? <EmptyState title={text.noScreens} /> : <Routes screens={screens} />}
        </AppShell.Main>
      </AppShell>
    </>
  );
}

/** The address keeps its query string, which says what is shown. */
function skipTo(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

interface MenuAreaProps {
  readonly area: ScreenArea;
  readonly screens: readonly Screen[];
  readonly onChosen: () => void;
}

/** Only what the caller may see has a heading. */
function MenuArea({ area, screens, onChosen }: MenuAreaProps) {
  const titles = useText(areaTitles);
  const id = useId();
  if (screens.length === 0) return null;
  return (
    <Box role="group" aria-labelledby={id} mb="sm">
      <Text id={id} size="xs" fw={600} c="dimmed" px="sm" py={4}>
        {titles[area]}
      </Text>
      {screens.map((screen) => (
        <MenuEntry key={screen.path} screen={screen} onChosen={onChosen} />
      ))}
    </Box>
  );
}

function MenuEntry({ screen, onChosen }: { readonly screen: Screen; readonly onChosen: () => void }) {
  const titles = useText(screenTitles);
  const [location] = useLocation();
  const isHere = location === screen.path;
  return (
    <NavLink
      component={Link}
      href={screen.path}
      label={titles[screen.title]}
      leftSection={<Icon name={screen.icon} />}
      active={isHere}
      aria-current={isHere ? 'page' : undefined}
      onClick={onChosen}
      variant="light"
      styles={{ root: { borderRadius: 'var(--mantine-radius-md)' } }}
    />
  );
}

function Routes({ screens }: { readonly screens: readonly Screen[] }) {
  const text = useText(commonMessages);
  return (
    <Switch>
      {screens.map((screen) => (
        <Route key={screen.path} path={screen.path}>
          <ScreenFrame screen={screen} />
        </Route>
      ))}
      <Route path="/">{screens[0] !== undefined && <Redirect to={screens[0].path} replace />}</Route>
      <Route>
        <EmptyState title={text.notFound} />
      </Route>
    </Switch>
  );
}

function ScreenFrame({ screen: { title, Content } }: { readonly screen: Screen }) {
  const text = useText(commonMessages);
  const titles = useText(screenTitles);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${titles[title]} · ${text.product}`;
  }, [titles, title, text]);
  // Whoever hears the page is told that another screen is there.
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <Stack gap="md">
      <Title order={1} size="h2" ref={heading} tabIndex={-1} style={{ outline: 'none' }}>
        {titles[title]}
      </Title>
      <ErrorFence>
        <Suspense
          fallback={
            <Center p="xl">
              <Loader aria-label={text.loading} />
            </Center>
          }
        >
          <Content />
        </Suspense>
      </ErrorFence>
    </Stack>
  );
}
