// The screens of the console as one table: to add one, write its folder under screens/ and put a row here. A screen is
// shown, and loaded, only to whoever has its scope.

import { lazy, type ComponentType } from 'react';
import type { Caller } from '../api/api-types.ts';
import type { Scope } from '../api/caller.ts';
import type { IconName } from '../parts/icon.tsx';
import type { screenTitles } from './screen-titles.ts';

/** Under which of the menu's headings a screen stands, in this order. */
export const SCREEN_AREAS = ['corrections', 'licensing', 'house'] as const;
export type ScreenArea = (typeof SCREEN_AREAS)[number];

export interface Screen {
  /** Below /console; a screen shows more than one thing by its query string. */
  readonly path: `/${string}`;
  readonly title: keyof (typeof screenTitles)['en'];
  readonly icon: IconName;
  readonly scope: Scope;
  readonly area: ScreenArea;
  /** True where a customer's own key may never look, whatever its role. */
  readonly operatorsOnly?: true;
  /** Pressed after `g`, it opens the screen. */
  readonly shortcut: string;
  readonly Content: ComponentType;
}

export const SCREENS: readonly Screen[] = [
  {
    ...{ path: '/', title: 'overview', icon: 'overview', scope: 'sessions:read', shortcut: 'o' },
    area: 'corrections',
    Content: lazy(async () => ({
      default: (await import('../screens/overview/overview-screen.tsx')).OverviewScreen,
    })),
  },
  {
    ...{
      path: '/connections',
      title: 'connections',
      icon: 'connections',
      scope: 'sessions:read',
      shortcut: 'c',
    },
    area: 'corrections',
    Content: lazy(async () => ({
      default: (await import('../screens/connections/connections-screen.tsx')).ConnectionsScreen,
    })),
  },
  {
    ...{ path: '/map', title: 'map', icon: 'map', scope: 'sessions:read', shortcut: 'p' },
    area: 'corrections',
    Content: lazy(async () => ({ default: (await import('../screens/map/map-screen.tsx')).MapScreen })),
  },
  {
    ...{
      path: '/mountpoints',
      title: 'mountpoints',
      icon: 'mountpoints',
      scope: 'mountpoints:read',
      shortcut: 'm',
    },
    area: 'corrections',
    Content: lazy(async () => ({
      default: (await import('../screens/mountpoints/mountpoints-screen.tsx')).MountpointsScreen,
    })),
  },
  {
    ...{ path: '/apps', title: 'apps', icon: 'apps', scope: 'apps:read', shortcut: 'a' },
    area: 'corrections',
    Content: lazy(async () => ({ default: (await import('../screens/apps/apps-screen.tsx')).AppsScreen })),
  },
  {
    ...{ path: '/specs', title: 'specs', icon: 'specs', scope: 'specs:read', shortcut: 'i' },
    area: 'corrections',
    Content: lazy(async () => ({ default: (await import('../screens/specs/specs-screen.tsx')).SpecsScreen })),
  },
  {
    ...{ path: '/plans', title: 'plans', icon: 'plans', scope: 'plans:read', shortcut: 'b' },
    area: 'corrections',
    Content: lazy(async () => ({ default: (await import('../screens/plans/plans-screen.tsx')).PlansScreen })),
  },
  {
    ...{ path: '/usage', title: 'usage', icon: 'usage', scope: 'usage:read', shortcut: 'u' },
    area: 'corrections',
    Content: lazy(async () => ({ default: (await import('../screens/usage/usage-screen.tsx')).UsageScreen })),
  },
  {
    ...{ path: '/customers', title: 'customers', icon: 'customers', scope: 'customers:read', shortcut: 'n' },
    area: 'corrections',
    Content: lazy(async () => ({
      default: (await import('../screens/customers/customers-screen.tsx')).CustomersScreen,
    })),
  },
  {
    ...{ path: '/why', title: 'why', icon: 'why', scope: 'refusals:read', shortcut: 'w' },
    area: 'corrections',
    Content: lazy(async () => ({ default: (await import('../screens/why/why-screen.tsx')).WhyScreen })),
  },
  {
    ...{ path: '/keys', title: 'keys', icon: 'keys', scope: 'keys:read', shortcut: 'k' },
    area: 'house',
    Content: lazy(async () => ({ default: (await import('../screens/keys/keys-screen.tsx')).KeysScreen })),
  },
  {
    ...{ path: '/audit', title: 'audit', icon: 'audit', scope: 'audit:read', shortcut: 'l' },
    area: 'house',
    Content: lazy(async () => ({ default: (await import('../screens/audit/audit-screen.tsx')).AuditScreen })),
  },
  {
    ...{ path: '/vehicles', title: 'vehicles', icon: 'vehicles', scope: 'vehicles:read', shortcut: 'v' },
    area: 'licensing',
    Content: lazy(async () => ({
      default: (await import('../screens/vehicles/vehicles-screen.tsx')).VehiclesScreen,
    })),
  },
  {
    ...{ path: '/products', title: 'products', icon: 'products', scope: 'products:read', shortcut: 'd' },
    area: 'licensing',
    Content: lazy(async () => ({
      default: (await import('../screens/products/products-screen.tsx')).ProductsScreen,
    })),
  },
  {
    ...{ path: '/orders', title: 'orders', icon: 'orders', scope: 'orders:read', shortcut: 'r' },
    area: 'licensing',
    Content: lazy(async () => ({
      default: (await import('../screens/orders/orders-screen.tsx')).OrdersScreen,
    })),
  },
  {
    ...{
      path: '/entitlements',
      title: 'entitlements',
      icon: 'entitlements',
      scope: 'entitlements:read',
      shortcut: 'e',
    },
    area: 'licensing',
    Content: lazy(async () => ({
      default: (await import('../screens/entitlements/entitlements-screen.tsx')).EntitlementsScreen,
    })),
  },
  {
    ...{ path: '/releases', title: 'releases', icon: 'releases', scope: 'packages:read', shortcut: 'y' },
    area: 'licensing',
    Content: lazy(async () => ({
      default: (await import('../screens/releases/releases-screen.tsx')).ReleasesScreen,
    })),
  },
  {
    ...{ path: '/drivers', title: 'drivers', icon: 'drivers', scope: 'drivers:read', shortcut: 'j' },
    area: 'licensing',
    Content: lazy(async () => ({
      default: (await import('../screens/drivers/drivers-screen.tsx')).DriversScreen,
    })),
  },
  {
    ...{ path: '/settings', title: 'settings', icon: 'settings', scope: 'settings:read', shortcut: 's' },
    area: 'house',
    operatorsOnly: true,
    Content: lazy(async () => ({
      default: (await import('../screens/settings/settings-screen.tsx')).SettingsScreen,
    })),
  },
  {
    ...{ path: '/reference', title: 'reference', icon: 'reference', scope: 'apps:read', shortcut: 'f' },
    area: 'house',
    Content: lazy(async () => ({
      default: (await import('../screens/reference/reference-screen.tsx')).ReferenceScreen,
    })),
  },
];

export function screensOf({ scopes, customerId }: Pick<Caller, 'scopes' | 'customerId'>): readonly Screen[] {
  return SCREENS.filter(
    ({ scope, operatorsOnly = false }) => scopes.includes(scope) && (customerId === null || !operatorsOnly),
  );
}
