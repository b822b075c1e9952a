// Whether a change was made, or somebody was refused it.

import type { AuditEntry } from '../../api/api-types.ts';
import { useText } from '../../i18n/messages.ts';
import { Tag } from '../../parts/tag.tsx';
import { remarksOf } from './differences.ts';
import { auditMessages } from './messages.ts';

export function Outcome({ entry: { after } }: { readonly entry: AuditEntry }) {
  const text = useText(auditMessages);
  const { refused } = remarksOf(after);
  return refused === undefined ? (
    <Tag color="green">{text.done}</Tag>
  ) : (
    <Tag color="red">{text.refusedBy(refused)}</Tag>
  );
}
