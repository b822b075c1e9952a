// The rest of a list that comes in pages.

import { Button } from '@mantine/core';
import type { ListRead } from '../../console/api/queries.ts';
import { commonMessages } from '../../console/app/common-messages.ts';
import { useText } from '../../console/i18n/messages.ts';

export function More<Row>({ list }: { readonly list: ListRead<Row> }) {
  const common = useText(commonMessages);
  if (!list.hasMore) return null;
  return (
    <Button variant="default" onClick={list.loadMore} loading={list.isLoadingMore}>
      {common.more}
    </Button>
  );
}
