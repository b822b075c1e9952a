// A fleet in one form: the app, what it gets, what it costs, its limits, its pool of accounts. Then its secrets, once.

import { Modal } from '@mantine/core';
import { useState } from 'react';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { FleetDone } from './fleet-done.tsx';
import { FleetFields } from './fleet-fields.tsx';
import type { Fleet, FleetStep } from './make-fleet.ts';
import { appMessages } from './messages.ts';

export interface FleetDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** With the id of the app that was made. */
  readonly onDone: (id: string) => void;
}

export function FleetDialog({ isOpen, onClose, onDone }: FleetDialogProps) {
  const text = useText(appMessages);
  const common = useText(commonMessages);
  const [fleet, setFleet] = useState<Fleet>({});
  const [step, setStep] = useState<FleetStep>();
  const made = fleet.app !== undefined && fleet.accounts !== undefined ? fleet.app : undefined;
  const leave = (): void => {
    if (step !== undefined) return;
    if (fleet.app !== undefined && made === undefined) {
      // It is there, though its accounts are not: its secret is shown all the same, as nobody can show it later.
      setFleet({ ...fleet, accounts: [] });
      return;
    }
    setFleet({});
    if (made === undefined) onClose();
    else onDone(made.id);
  };
  return (
    <Modal
      opened={isOpen}
      onClose={leave}
      size="xl"
      title={made === undefined ? text.form.title : text.done.title}
      closeButtonProps={{ 'aria-label': common.close }}
      // A slip of the mouse must not lose a secret that is shown once.
      closeOnClickOutside={false}
      closeOnEscape={made === undefined}
      withCloseButton={made === undefined}
    >
      {isOpen &&
        (made === undefined ? (
          <FleetFields fleet={fleet} onFleet={setFleet} step={step} onStep={setStep} onCancel={leave} />
        ) : (
          <FleetDone app={made} accounts={fleet.accounts ?? []} onClose={leave} />
        ))}
    </Modal>
  );
}
