// Nobody is signed in: the way in. Somebody is: the pages of the shop.

import { useSyncExternalStore } from 'react';
import { Route, Router, Switch } from 'wouter';
import { onKeyChange, presentedKey } from '../../console/api/credentials.ts';
import { EmptyState } from '../../console/parts/empty-state.tsx';
import { useText } from '../../console/i18n/messages.ts';
import { AccountPage } from '../pages/account/account-page.tsx';
import { ClaimPage } from '../pages/garage/claim-page.tsx';
import { GaragePage } from '../pages/garage/garage-page.tsx';
import { OrderPage } from '../pages/order/order-page.tsx';
import { OrdersPage } from '../pages/orders/orders-page.tsx';
import { ProductPage } from '../pages/product/product-page.tsx';
import { ReceiptPage } from '../pages/receipt/receipt-page.tsx';
import { SignInPage } from '../pages/sign-in/sign-in-page.tsx';
import { VehiclePage } from '../pages/vehicle/vehicle-page.tsx';
import { Page } from '../parts/page.tsx';
import { Frame } from './frame.tsx';
import { shopMessages } from './shop-messages.ts';

export function App() {
  const key = useSyncExternalStore(onKeyChange, presentedKey);
  return (
    <Router base="/shop">
      <Frame isSignedIn={key !== undefined}>{key === undefined ? <SignInPage /> : <Pages key={key} />}</Frame>
    </Router>
  );
}

/** Each is made anew for another thing: nothing of one vehicle or order is shown with the next. */
function Pages() {
  return (
    <Switch>
      <Route path="/">
        <GaragePage />
      </Route>
      <Route path="/claim">
        <ClaimPage />
      </Route>
      <Route path="/vehicles/:id">{({ id }) => <VehiclePage key={id} id={id} />}</Route>
      <Route path="/vehicles/:id/products/:productId">
        {({ id, productId }) => <ProductPage key={productId} vehicleId={id} productId={productId} />}
      </Route>
      <Route path="/orders">
        <OrdersPage />
      </Route>
      <Route path="/orders/:id">{({ id }) => <OrderPage key={id} id={id} />}</Route>
      <Route path="/orders/:id/receipt">{({ id }) => <ReceiptPage key={id} id={id} />}</Route>
      <Route path="/account">
        <AccountPage />
      </Route>
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}

function NotFound() {
  const text = useText(shopMessages);
  return (
    <Page title={text.notFound} back={{ to: '/', label: text.vehicles }}>
      <EmptyState title={text.notFoundWords} />
    </Page>
  );
}
