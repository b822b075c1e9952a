// The frame around every page: skip link, product, the ways to the pages, and the word that there is no connection. On a
// phone the ways are at the bottom, where a thumb is.

import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { commonMessages } from '../../console/app/common-messages.ts';
import iconUrl from '../../console/icon.svg';
import { useText } from '../../console/i18n/messages.ts';
import { Icon, type IconName } from '../../console/parts/icon.tsx';
import { useOnline } from '../parts/online.ts';
import { shopMessages } from './shop-messages.ts';

const WAYS = [
  { to: '/', name: 'vehicles', icon: 'vehicles', isHere: (at: string) => !/^\/(orders|account)/.test(at) },
  { to: '/orders', name: 'orders', icon: 'orders', isHere: (at: string) => at.startsWith('/orders') },
  { to: '/account', name: 'account', icon: 'person', isHere: (at: string) => at === '/account' },
] as const satisfies readonly { readonly icon: IconName; readonly [more: string]: unknown }[];

export interface FrameProps {
  readonly isSignedIn: boolean;
  readonly children: ReactNode;
}

export function Frame({ isSignedIn, children }: FrameProps) {
  const common = useText(commonMessages);
  const text = useText(shopMessages);
  const isOnline = useOnline();
  return (
    <>
      <a href="#content" className="skip-link" onClick={(event) => skipTo(event)}>
        {common.skip}
      </a>
      <header className="shop-head">
        <div className="shop-head-row">
          <Link href="/" className="mark">
            <img src={iconUrl} alt="" width={28} height={28} />
            <span>{common.product}</span>
          </Link>
          {isSignedIn && <Ways />}
        </div>
      </header>
      <main id="content" tabIndex={-1} className="shop-main">
        <p role="status" className={isOnline ? 'shop-online' : 'shop-offline'}>
          {isOnline ? '' : text.offline.banner}
        </p>
        {children}
      </main>
    </>
  );
}

function Ways() {
  const text = useText(shopMessages);
  const [location] = useLocation();
  return (
    <nav className="shop-ways" aria-label={text.pages}>
      {WAYS.map(({ to, name, icon, isHere }) => (
        <Link key={to} href={to} className="shop-way" aria-current={isHere(location) ? 'page' : undefined}>
          <Icon name={icon} size={22} />
          <span>{text[name]}</span>
        </Link>
      ))}
    </nav>
  );
}

/** The address stays: it says what is shown. */
function skipTo(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}
