// The certificates of a vehicle, with what becomes of them, and their revocation.

import { Button, Select } from '@mantine/core';
import { useState } from 'react';
import type { Certificate, CertificateRevocationInput } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useChange, useList } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { StateTag } from '../../parts/licence-states.tsx';
import { RowsTable } from '../../parts/rows-table.tsx';
import { vehicleMessages } from './messages.ts';

export function Certificates({ vehicleId }: { readonly vehicleId: string }) {
  const text = useText(vehicleMessages);
  const formats = useFormats();
  const mayRevoke = useMay('vehicles:write');
  const list = useList('GET /v1/certificates', { query: { vehicleId } });
  const [asked, setAsked] = useState<Certificate>();
  const { certificate: columns } = text;
  return (
    <>
      <RowsTable
        label={text.certificates}
        list={list}
        keyOf={({ id }) => id}
        none={text.noCertificate}
        columns={[
          { title: columns.id, cell: ({ id }) => id, isMono: true },
          { title: columns.algorithm, cell: ({ algorithm }) => algorithm.toUpperCase() },
          { title: columns.state, cell: ({ state }) => <StateTag of="certificate" state={state} /> },
          {
            title: columns.valid,
            cell: ({ notBefore, notAfter, revokedAt, revokedReason }) => (
              <>
                {columns.span(formats.date(notBefore), formats.date(notAfter))}
                {revokedAt !== null && (
                  <div>
                    {columns.ended(formats.dateTime(revokedAt))}
                    {revokedReason !== null && <span className="mono"> {revokedReason}</span>}
                  </div>
                )}
              </>
            ),
          },
          ...(mayRevoke
            ? [
                {
                  title: columns.revoke,
                  cell: (one: Certificate) =>
                    (one.state === 'active' || one.state === 'superseded') && (
                      <Button
                        size="compact-xs"
                        color="red"
                        variant="light"
                        aria-label={columns.revokeOne(one.id)}
                        onClick={() => setAsked(one)}
                      >
                        {columns.revoke}
                      </Button>
                    ),
                },
              ]
            : []),
        ]}
      />
      {asked !== undefined && <Revocation certificate={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

type Reason = NonNullable<CertificateRevocationInput['reason']>;

interface RevocationProps {
  readonly certificate: Certificate;
  readonly onClose: () => void;
}

function Revocation({ certificate: { id, vehicleId }, onClose }: RevocationProps) {
  const text = useText(vehicleMessages).revocation;
  const revoke = useChange('POST /v1/certificates/{id}/revoke', ['/v1/certificates', '/v1/vehicles']);
  const [reason, setReason] = useState<Reason>('unspecified');
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={text.title}
      words={text.words}
      action={text.action}
      name={vehicleId}
      isWorking={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate({ path: { id }, body: { reason } }, { onSuccess: onClose })}
    >
      <Select
        label={text.reason}
        data={(Object.keys(text.reasons) as Reason[]).map((value) => ({
          value,
          label: text.reasons[value],
        }))}
        value={reason}
        onChange={(chosen) => chosen !== null && setReason(chosen)}
        allowDeselect={false}
      />
    </ConfirmDialog>
  );
}
