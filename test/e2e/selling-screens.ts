// What the screens of selling have to show before they are judged: an app, a spec and a plan, made here.

import type { CasterProcess } from '../support/caster-process.ts';
import { postAsOwner } from '../support/owner-answers.ts';

/** Address -> what is there once it shows what it shall. HILL is a mountpoint with a base. */
export async function sellingScreens(caster: CasterProcess): Promise<Readonly<Record<string, string>>> {
  const make = async (path: string, body: object): Promise<string> =>
    (await postAsOwner<{ id: string }>(caster, path, body)).id;
  const spec = await make('/v1/service-specs', {
    ...{ name: '精准农业', constellations: ['GPS'], mountpoints: ['HILL'] },
  });
  const plan = await make('/v1/billing-plans', {
    ...{ name: '按小时', counts: 'wallTime', currency: 'CNY', priceMicros: 250_000, per: 3600 },
    ...{ period: 'day', tiers: [{ from: 36_000, priceMicros: 100_000 }] },
  });
  const app = await make('/v1/apps', { name: '联合收割机' });
  await postAsOwner(caster, `/v1/apps/${app}/accounts`, { count: 2 });
  return {
    [`/apps?app=${app}`]: '[role=dialog] table',
    '/specs': '[role=gridcell]',
    [`/specs?spec=${spec}`]: '[role=dialog] table',
    '/specs?new=1': '[role=dialog] table',
    '/plans': '[role=gridcell]',
    [`/plans?plan=${plan}`]: '[role=dialog] .figure-value',
    '/plans?new=1': '[role=dialog] form',
  };
}
