// The roles as the server has them.

import type { Role } from '../../api/api-types.ts';
import { useCaller } from '../../api/caller.ts';
import { useRead } from '../../api/queries.ts';

/** Those that whoever is signed in may give: none that may do more than he may himself. */
export function useGivableRoles(): { readonly roles: readonly Role[] } {
  const { scopes } = useCaller();
  const all = useRead('GET /v1/roles', {});
  const roles = (all.data?.roles ?? []).filter(
    (role) => !role.keyless && role.scopes.every((scope) => scopes.includes(scope)),
  );
  return { roles };
}
