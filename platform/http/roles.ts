// What a key may do, as one table: each role with its scopes. A route names the one scope that it needs. Adding a scope
// or a role: a row here and one in docs/api.md; a test compares the two.

/** `read` shows, `write` makes, changes and deletes. */
export const SCOPES = {
  'customers:read': 'customers',
  'customers:write': 'make, change, suspend and delete customers',
  'keys:read': 'API keys, never their secrets',
  'keys:write': 'make, rotate and revoke API keys',
  'audit:read': 'who changed what',
  'settings:read': 'settings in force and the configuration file, without secrets',
  'settings:write': 'write the configuration file and have it taken over',
  'mountpoints:read': 'mountpoints of the store and of the configuration',
  'mountpoints:write': 'make, change and delete mountpoints of the store',
  'specs:read': 'service specs',
  'specs:write': 'make, change and delete service specs',
  'plans:read': 'billing plans',
  'plans:write': 'make, change and delete billing plans',
  'apps:read': 'apps, never their secrets',
  'apps:write': 'make, change, suspend and delete apps, rotate their secrets',
  'accounts:read': 'accounts, without passwords',
  'accounts:write': 'make, change, activate, suspend, renew and delete accounts',
  'accounts:secrets': 'passwords of accounts that exist',
  'devices:read': 'devices and their bindings',
  'devices:write': 'bind, unbind and block devices',
  'jobs:read': 'what became of bulk requests',
  'sessions:read': 'sessions, running and ended',
  'sessions:close': 'end running sessions',
  'refusals:read': 'who was not let in, and why',
  'events:read': 'live events of the whole process',
  'usage:read': 'metered usage',
  'charges:read': 'charges and balances',
  'balances:write': 'top up and correct balances',
  'vehicles:read': 'vehicles, their certificates and enrolment tokens, never the tokens themselves',
  'vehicles:write': 'make and withdraw enrolment tokens, revoke certificates',
  'certificates:issue': 'have certificates issued for any vehicle: the factory’s credential',
  'products:read': 'products; to drivers those that are sold',
  'products:write': 'make, change, publish and withdraw products',
  'orders:read': 'orders, how they were paid, and what became of them',
  'orders:write': 'order, pay and cancel',
  'orders:refund': 'give back the money of an order, and end what it bought',
  'gifts:write': 'give a vehicle what a product gives, without an order',
  'drivers:read': 'drivers, and who has or claims which vehicle',
  'drivers:write': 'suspend drivers, decide who has a vehicle',
  'garage:use': 'a driver’s own vehicles and claims; no key has it',
  'entitlements:read': 'what vehicles may use, with its history, and what the queue gave up',
  'entitlements:write': 'suspend, resume and revoke entitlements, have dead letters tried again',
  'packages:read': 'packages and releases, and what vehicles asked for and have installed',
  'packages:write': 'make packages, give them their content, release, pause and abort them',
} as const;

export type Scope = keyof typeof SCOPES;

/** What keys may have: a garage is a person's. */
const ALL_SCOPES = (Object.keys(SCOPES) as Scope[]).filter((scope) => scope !== 'garage:use');

/** What looks at everything may still not see: secrets, keys, other people's doings, and how the server is set up. */
const HOUSE_READS: readonly Scope[] = ['keys:read', 'audit:read', 'settings:read'];
const READS = ALL_SCOPES.filter((scope) => scope.endsWith(':read') && !HOUSE_READS.includes(scope));

interface RoleRow {
  readonly meaning: string;
  readonly scopes: readonly Scope[];
  /** True where a key of this role must belong to a customer. */
  readonly customerOnly: boolean;
  /** True where no key has it: people log in. */
  readonly keyless?: true;
}

export const ROLES = {
  owner: { meaning: 'everything', scopes: ALL_SCOPES, customerOnly: false },
  operator: {
    meaning: 'runs the network: everything but API keys and the settings of the server',
    scopes: ALL_SCOPES.filter((scope) => scope !== 'keys:write' && scope !== 'settings:write'),
    customerOnly: false,
  },
  support: {
    meaning: 'helps users: sees everything but secrets and ends sessions',
    scopes: [...READS, 'audit:read', 'sessions:close'],
    customerOnly: false,
  },
  billing: {
    meaning: 'makes plans and invoices',
    scopes: [
      'customers:read',
      'plans:read',
      'plans:write',
      'apps:read',
      'accounts:read',
      'jobs:read',
      'usage:read',
      'charges:read',
      'balances:write',
      'products:read',
      'orders:read',
      'orders:refund',
    ],
    customerOnly: false,
  },
  viewer: { meaning: 'sees everything but secrets', scopes: READS, customerOnly: false },
  agent: {
    meaning: 'sells accounts of one customer',
    scopes: [
      'specs:read',
      'plans:read',
      'apps:read',
      'accounts:read',
      'accounts:write',
      'accounts:secrets',
      'devices:read',
      'devices:write',
      'jobs:read',
      'sessions:read',
      'sessions:close',
      'refusals:read',
      'usage:read',
    ],
    customerOnly: true,
  },
  factory: {
    meaning: 'a production line: has certificates issued for new vehicles, and nothing else',
    scopes: ['certificates:issue'],
    customerOnly: false,
  },
  driver: {
    meaning: 'somebody with a vehicle: buys for it; no key, drivers log in',
    scopes: ['products:read', 'orders:read', 'orders:write', 'entitlements:read', 'garage:use'],
    customerOnly: false,
    keyless: true,
  },
} as const satisfies Record<string, RoleRow>;

export type Role = keyof typeof ROLES;

/** Those that an API key may have. */
export const KEY_ROLE_NAMES = (Object.keys(ROLES) as Role[]).filter((role) => {
  const { keyless }: RoleRow = ROLES[role];
  return keyless !== true;
});

export function isRole(text: string): text is Role {
  return Object.hasOwn(ROLES, text);
}

export function mayDo(role: Role, scope: Scope): boolean {
  const { scopes }: RoleRow = ROLES[role];
  return scopes.includes(scope);
}

/** True where `role` has no scope that `giver` lacks: nobody hands out more than he has. */
export function mayGive(giver: Role, role: Role): boolean {
  return ROLES[role].scopes.every((scope) => mayDo(giver, scope));
}
