// A statement as one page of HTML that prints well: all of it is in the text, nothing is loaded from anywhere. Whatever
// somebody may have typed (names of customers, apps, plans) gets in through `text` alone.

import { createHash } from 'node:crypto';
import type { Counted } from '../accounts/billing-plan.ts';
import type { CurrencyTotal } from '../metering/queries/charge-list.ts';
import type { BalancePeriod } from '../metering/queries/statement-balances.ts';
import { totalsOf } from '../metering/queries/statement-lines.ts';
import { toLocal } from '../metering/rating/local-calendar.ts';
import { decimalOf } from '../metering/rating/money.ts';
import type { NamedLine, Statement } from './statement.ts';

const STYLE = `
:root { color: #1c2430; background: #fff; font: 10.5pt/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif }
body { max-width: 52rem; margin: 2.5rem auto; padding: 0 1.5rem }
header { display: flex; justify-content: space-between; align-items: flex-start; gap: 2rem;
  border-bottom: 2px solid #1c2430; padding-bottom: 1rem }
h1 { font-size: 20pt; line-height: 1.2; margin: 0 0 .2rem } h2 { font-size: 12pt; margin: 2rem 0 .4rem }
p { margin: 0 } .small { color: #5a6675; font-size: 9pt }
dl { display: grid; grid-template-columns: auto auto; gap: .1rem 1rem; margin: 0; font-size: 9pt } dd { margin: 0 }
dt { color: #5a6675 }
.draft { border: 1px solid #b4560f; color: #8a3f06; padding: .4rem .8rem; margin-top: 1rem }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
th { text-align: left; font-size: 9pt; font-weight: 600; color: #5a6675; border-bottom: 1px solid #1c2430 }
th, td { padding: .3rem .6rem .3rem 0; vertical-align: top; overflow-wrap: anywhere }
tbody td { border-bottom: 1px solid #dde2e8 } tfoot td { font-weight: 600 }
.whole { white-space: nowrap }
.number { text-align: right; white-space: nowrap; padding-right: 0; padding-left: .6rem }
footer { margin-top: 2.5rem; border-top: 1px solid #dde2e8; padding-top: .6rem }
@page { size: A4; margin: 16mm 14mm }
@media print {
  body { max-width: none; margin: 0; padding: 0 }
  thead { display: table-header-group } tfoot { display: table-row-group }
  tr, header, .keep { break-inside: avoid } h2, h2 + p { break-after: avoid }
}
`;

/** For the answer's Content-Security-Policy: this one style and nothing else. */
export const STATEMENT_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

const UNITS: Readonly<Record<Counted, string>> = {
  wallTime: 's connected',
  onlineSeconds: 's with data',
  bytes: 'bytes',
  epochs: 'epochs',
  period: 'periods',
};

/** Said of a line where it is not for windows of sessions. */
const KINDS: Readonly<Record<string, string>> = { usage: '', period: 'for the period', once: 'once' };

export function statementPage(statement: Statement): string {
  const title = `Statement ${monthName(statement.month)}`;
  const apps = Map.groupBy(statement.lines, ({ appId }) => appId);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)} – ${text(customerOf(statement))}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<div>
<h1>${text(title)}</h1>
<p>${text(customerOf(statement))}</p>
</div>
<dl>
<dt>Customer</dt><dd>${text(statement.customerId)}</dd>
${statement.appId === undefined ? '' : `<dt>App</dt><dd>${text(statement.appId)}</dd>`}
<dt>From</dt><dd>${moment(statement, statement.fromMs)}</dd>
<dt>To</dt><dd>${moment(statement, statement.toMs)}</dd>
<dt>Made</dt><dd>${moment(statement, statement.createdAtMs)}</dd>
<dt>Times of</dt><dd>${text(statement.timeZone)}</dd>
</dl>
</header>
${statement.isFinal ? '' : '<p class="draft">The month goes on: this statement is not final.</p>'}
${[...apps.values()].map(appSection).join('\n')}
<section class="keep">
<h2>Total</h2>
${totalsTable(statement.totals)}
</section>
${statement.balances === undefined ? '' : balancesSection(statement.balances)}
<footer class="small">
<p>Amounts are exact to the millionth. Each line adds up the charges that GET /v1/charges shows for its app, plan and
period; a charge belongs to the time at which it was made.</p>
</footer>
</body>
</html>
`;
}

function customerOf({ customerName, customerId }: Statement): string {
  return customerName ?? customerId;
}

function appSection(lines: readonly NamedLine[]): string {
  const { appId, appName } = lines[0]!;
  const name = appId === '' ? 'Without an app' : (appName ?? appId);
  const feet = totalsOf(lines).map(
    ({ currency, amountMicros }) =>
      `<tr><td colspan="4">Sum of ${text(name)}</td><td class="number">${money(amountMicros, currency)}</td></tr>`,
  );
  return `<section>
<h2>${text(name)}</h2>
${appId === '' || name === appId ? '' : `<p class="small">${text(appId)}</p>`}
<table>
<thead><tr><th>Plan</th><th>Period</th><th class="number">Units</th><th class="number">Charges</th><th class="number">Amount</th></tr></thead>
<tbody>
${lines.map(lineRow).join('\n')}
</tbody>
<tfoot>${feet.join('\n')}</tfoot>
</table>
</section>`;
}

function lineRow(line: NamedLine): string {
  const kind = KINDS[line.kind] ?? line.kind;
  const unit = line.counts === null ? '' : ` ${UNITS[line.counts]}`;
  return (
    `<tr><td>${text(line.billingPlanName ?? line.billingPlanId)}` +
    `${kind === '' ? '' : ` <span class="small">${text(kind)}</span>`}</td>` +
    `<td class="whole">${text(periodName(line.periodKey))}</td><td class="number">${grouped(line.units)}${unit}</td>` +
    `<td class="number">${grouped(line.charges)}</td>` +
    `<td class="number">${money(line.amountMicros, line.currency)}</td></tr>`
  );
}

function totalsTable(totals: readonly CurrencyTotal[]): string {
  if (totals.length === 0) return '<p>Nothing was charged.</p>';
  const rows = totals.map(
    ({ currency, charges, amountMicros }) =>
      `<tr><td>${text(currency)}</td><td class="number">${grouped(charges)}</td>` +
      `<td class="number">${money(amountMicros, currency)}</td></tr>`,
  );
  return `<table>
<thead><tr><th>Currency</th><th class="number">Charges</th><th class="number">Amount</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table>`;
}

function balancesSection(balances: readonly BalancePeriod[]): string {
  if (balances.length === 0) return '';
  const rows = balances.map((period) => {
    const { currency, openingMicros, topUpMicros, chargeMicros, correctionMicros, closingMicros } = period;
    const cells = [openingMicros, topUpMicros, chargeMicros, correctionMicros, closingMicros];
    return `<tr><td>${text(currency)}</td>${cells.map((micros) => `<td class="number">${amount(micros)}</td>`).join('')}</tr>`;
  });
  const heads = ['Opening', 'Top-ups', 'Charges', 'Corrections', 'Closing'];
  return `<section class="keep">
<h2>Balance</h2>
<table>
<thead><tr><th>Currency</th>${heads.map((head) => `<th class="number">${head}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table>
</section>`;
}

function money(micros: bigint, currency: string): string {
  return `${amount(micros)} ${text(currency)}`;
}

/** With all six decimals, thousands apart. */
function amount(micros: bigint): string {
  return decimalOf(micros).replace(/\d(?=(?:\d{3})+\.)/g, '$&,');
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

function moment({ timeZone }: Statement, ms: number): string {
  return new Date(toLocal(timeZone, ms)).toISOString().slice(0, 19).replace('T', ' ');
}

function monthName(month: string): string {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString('en-US', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
}

/** `month/2026-11-01` as people say it. */
function periodName(key: string): string {
  const [kind, day] = key.split('/');
  if (key === 'always') return 'All time';
  if (day === undefined) return key;
  return kind === 'day' ? day : `${kind} from ${day}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function text(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}
