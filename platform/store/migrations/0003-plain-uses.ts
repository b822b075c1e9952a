// On which nodes an account is used by its own password. Several may use it at once, and it goes back to its pool when
// the last of them has let go.

import { type Migration } from './migration.ts';

export const plainUses: Migration = {
  number: 3,
  name: 'plain-uses',
  // No foreign keys: a node writes what it knows, also while another has deleted the account or the node's row.
  statements: ({ text, strict }) => [
    `create table plain_uses (
      account_id ${text} not null, node ${text} not null,
      primary key (account_id, node)
    )${strict}`,
    `create index plain_uses_node on plain_uses (node)`,
  ],
};
