// The functions of a product: the ids by which the software knows them, and what drivers read.

import { ActionIcon, Button, Checkbox, Fieldset, Group, Stack, Text, TextInput } from '@mantine/core';
import { useText } from '../../i18n/messages.ts';
import { Icon } from '../../parts/icon.tsx';
import { productMessages } from './messages.ts';
import { newFunction, type FunctionForm } from './product-form.ts';

const FUNCTIONS_MAX = 64;

export interface FunctionFieldsProps {
  readonly functions: readonly FunctionForm[];
  readonly onChange: (functions: readonly FunctionForm[]) => void;
  readonly fault: string | undefined;
}

export function FunctionFields({ functions, onChange, fault }: FunctionFieldsProps) {
  const text = useText(productMessages).form;
  const change = (key: number, part: Partial<FunctionForm>): void =>
    onChange(functions.map((one) => (one.key === key ? { ...one, ...part } : one)));
  return (
    <Fieldset legend={text.functions}>
      <Stack gap="xs">
        {functions.map((one, index) => {
          const field = (name: 'id' | 'en' | 'zh', label: string, length: number) => ({
            ...{ label, value: one[name], maxLength: length, autoComplete: 'off', size: 'xs' as const },
            onChange: (event: { currentTarget: { value: string } }) =>
              change(one.key, { [name]: event.currentTarget.value }),
          });
          return (
            <Group
              key={one.key}
              align="flex-end"
              gap="xs"
              role="group"
              aria-label={text.functionNumber(index + 1)}
            >
              <TextInput {...field('id', text.functionId, 64)} className="grows" spellCheck={false} />
              <TextInput {...field('en', text.functionEn, 200)} className="grows" />
              <TextInput {...field('zh', text.functionZh, 200)} className="grows" />
              <Checkbox
                label={text.isFree}
                checked={one.isFree}
                onChange={(event) => change(one.key, { isFree: event.currentTarget.checked })}
                size="xs"
                pb={6}
              />
              <ActionIcon
                variant="default"
                aria-label={text.removeFunction(index + 1)}
                onClick={() => onChange(functions.filter(({ key }) => key !== one.key))}
                size={30}
              >
                <Icon name="remove" size={16} />
              </ActionIcon>
            </Group>
          );
        })}
        {fault !== undefined && (
          <Text size="sm" c="red" role="alert">
            {fault}
          </Text>
        )}
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon name="plus" size={14} />}
            disabled={functions.length >= FUNCTIONS_MAX}
            onClick={() => onChange([...functions, newFunction(functions)])}
          >
            {text.addFunction}
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}
