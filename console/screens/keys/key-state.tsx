// Whether a key still works, and what its role is called.

import type { ApiKey } from '../../api/api-types.ts';
import { useText } from '../../i18n/messages.ts';
import { Tag } from '../../parts/tag.tsx';
import { keyMessages } from './messages.ts';

const COLORS = { active: 'green', expired: 'gray', revoked: 'red' } as const;

export function KeyState({ status }: Pick<ApiKey, 'status'>) {
  const text = useText(keyMessages).status;
  return <Tag color={COLORS[status]}>{text[status]}</Tag>;
}

/** A role that a newer server knows is shown as it calls it. */
export function roleWords(roles: Readonly<Record<string, string>>, role: string): string {
  return roles[role] ?? role;
}
