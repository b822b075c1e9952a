// A token made for one vehicle, which is shown this once.

import { Alert, Button, Group, Modal, NumberInput, Stack, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import type { EnrolmentTokenWithToken } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useChange } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { CustomerChoice } from '../../parts/customer-choice.tsx';
import { Icon } from '../../parts/icon.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { vehicleMessages } from './messages.ts';

const DAY_S = 86_400;
/** As docs/openapi.json has it: a week; a year at most. */
const [DAYS, DAYS_MAX] = [7, 366];

/** The button and the dialog that it opens. */
export function NewToken() {
  const text = useText(vehicleMessages).newToken;
  const common = useText(commonMessages);
  const state = useQueryState();
  const mayMake = useMay('vehicles:write');
  const [made, setMade] = useState<EnrolmentTokenWithToken>();
  if (!mayMake) return null;
  const leave = (): void => {
    setMade(undefined);
    state.set({ new: '' });
  };
  const isOpen = state.get('new') !== '';
  return (
    <>
      <Button leftSection={<Icon name="plus" />} onClick={() => state.set({ new: '1' }, 'push')}>
        {text.make}
      </Button>
      <Modal
        opened={isOpen}
        onClose={leave}
        title={made === undefined ? text.title : text.doneTitle}
        closeButtonProps={{ 'aria-label': common.close }}
        // A slip of the mouse must not lose a secret that is shown once.
        closeOnClickOutside={false}
        closeOnEscape={made === undefined}
        withCloseButton={made === undefined}
      >
        {isOpen &&
          (made === undefined ? (
            <TokenForm onMade={setMade} onCancel={leave} />
          ) : (
            <MadeToken made={made} onClose={leave} />
          ))}
      </Modal>
    </>
  );
}

interface TokenFormProps {
  readonly onMade: (made: EnrolmentTokenWithToken) => void;
  readonly onCancel: () => void;
}

function TokenForm({ onMade, onCancel }: TokenFormProps) {
  const text = useText(vehicleMessages).newToken;
  const common = useText(commonMessages);
  const [vehicleId, setVehicleId] = useState('');
  const [customerId, setCustomerId] = useState('');
  const [days, setDays] = useState(DAYS);
  const [wasSent, setWasSent] = useState(false);
  const make = useChange('POST /v1/enrolment-tokens', ['/v1/enrolment-tokens']);
  const isWrong = !/^[A-Za-z0-9_-]{1,64}$/.test(vehicleId);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setWasSent(true);
    if (isWrong) return;
    const body = {
      ...{ vehicleId, validSeconds: days * DAY_S },
      ...(customerId === '' ? {} : { customerId }),
    };
    make.mutate({ body }, { onSuccess: onMade });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={text.vehicle}
          description={text.vehicleHint}
          value={vehicleId}
          error={wasSent && isWrong && text.vehicleWrong}
          onChange={(event) => setVehicleId(event.currentTarget.value.trim())}
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          required
          data-autofocus
        />
        <CustomerChoice value={customerId} onChange={setCustomerId} />
        <NumberInput
          label={text.days}
          value={days}
          onChange={(value) => setDays(Number(value) || DAYS)}
          {...{ min: 1, max: DAYS_MAX, clampBehavior: 'strict', allowDecimal: false }}
        />
        {make.error !== null && <ProblemBox error={make.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {common.cancel}
          </Button>
          <Button type="submit" loading={make.isPending}>
            {common.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface MadeTokenProps {
  readonly made: EnrolmentTokenWithToken;
  readonly onClose: () => void;
}

function MadeToken({ made: { vehicleId, token, expiresAt }, onClose }: MadeTokenProps) {
  const text = useText(vehicleMessages).newToken;
  const formats = useFormats();
  return (
    <Stack>
      <Alert color="yellow" variant="light" title={vehicleId}>
        {text.once(formats.dateTime(expiresAt))}
      </Alert>
      <CopyLine label={text.token} line={token} />
      <CopyLine
        label={text.command}
        line={`rovercast vehicle enrol --server ${window.location.origin} --id ${vehicleId} --token ${token} --folder car`}
      />
      <Group justify="flex-end">
        <Button onClick={onClose}>{text.close}</Button>
      </Group>
    </Stack>
  );
}
