// The fields of a product.

import { Group, NumberInput, Select, SimpleGrid, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useCaller, useMay } from '../../api/caller.ts';
import { useRead } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { CustomerChoice } from '../../parts/customer-choice.tsx';
import { FunctionFields } from './function-fields.tsx';
import { productMessages } from './messages.ts';
import { TIME_UNITS, type FaultyField, type ProductForm, type TimeUnit } from './product-form.ts';

export interface ProductFieldsProps {
  readonly form: ProductForm;
  readonly set: (part: Partial<ProductForm>) => void;
  readonly faults: ReadonlySet<FaultyField>;
  readonly isNew: boolean;
}

type TextField = 'en' | 'zh' | 'partNumber' | 'version' | 'currency';

export function ProductFields({ form, set, faults, isNew }: ProductFieldsProps) {
  const text = useText(productMessages);
  const { form: fields, wrong } = text;
  const field = (name: TextField, fault?: FaultyField) => ({
    ...{ label: fields[name], value: form[name], autoComplete: 'off', spellCheck: false },
    error: fault !== undefined && faults.has(fault) && wrong[fault],
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });
  return (
    <Stack>
      {isNew && (
        <CustomerChoice value={form.customerId} onChange={(customerId) => set({ customerId, appId: '' })} />
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput {...field('en', 'names')} maxLength={200} data-autofocus />
        <TextInput {...field('zh')} maxLength={200} />
        <Words name="wordsEn" form={form} set={set} />
        <Words name="wordsZh" form={form} set={set} />
        <TextInput
          {...field('partNumber', 'partNumber')}
          description={fields.partHint}
          maxLength={64}
          disabled={!isNew}
          required
        />
        <Group align="flex-start" gap="xs" wrap="nowrap">
          <TextInput
            {...field('version', 'version')}
            description={fields.versionHint}
            maxLength={40}
            required
            className="grows"
          />
          <Select
            label={fields.versionRule}
            description={fields.versionRuleHint}
            data={(['at_least', 'exact'] as const).map((value) => ({ value, label: fields.rules[value] }))}
            value={form.versionRule}
            onChange={(versionRule) => versionRule !== null && set({ versionRule })}
            allowDeselect={false}
            className="grows"
          />
        </Group>
      </SimpleGrid>
      <FunctionFields
        functions={form.functions}
        onChange={(functions) => set({ functions })}
        fault={faults.has('functions') ? wrong.functions : undefined}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Lasting form={form} set={set} />
        <NumberInput
          label={fields.uses}
          placeholder={fields.usesHint}
          value={form.uses}
          onChange={(value) => set({ uses: value === '' ? '' : Number(value) })}
          {...{ min: 1, max: 1_000_000_000, clampBehavior: 'strict', allowDecimal: false }}
        />
        <Group align="flex-start" gap="xs" wrap="nowrap">
          <NumberInput
            label={fields.price}
            description={fields.priceHint}
            value={form.price}
            error={faults.has('price') && wrong.price}
            onChange={(value) => set({ price: value === '' ? '' : Number(value) })}
            {...{ min: 0, max: 1_000_000_000, decimalScale: 6, clampBehavior: 'strict' }}
            required
            className="grows"
          />
          <TextInput
            {...field('currency', 'currency')}
            description={fields.currencyHint}
            onChange={(event) => set({ currency: event.currentTarget.value.toUpperCase() })}
            maxLength={3}
            required
            w={130}
          />
        </Group>
        <AppChoice form={form} set={set} />
      </SimpleGrid>
      <TagsInput
        label={fields.prefixes}
        description={fields.prefixesHint}
        value={[...form.vinPrefixes]}
        onChange={(vinPrefixes) => set({ vinPrefixes })}
        maxTags={200}
        splitChars={[',', ' ', ';']}
      />
    </Stack>
  );
}

type PartProps = Pick<ProductFieldsProps, 'form' | 'set'>;

function Words({ name, form, set }: PartProps & { readonly name: 'wordsEn' | 'wordsZh' }) {
  const text = useText(productMessages).form;
  return (
    <Textarea
      label={text[name]}
      value={form[name]}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
      maxLength={5000}
      rows={3}
    />
  );
}

function Lasting({ form, set }: PartProps) {
  const text = useText(productMessages).form;
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <NumberInput
        label={text.lasts}
        placeholder={text.lastsHint}
        value={form.lasts}
        onChange={(value) => set({ lasts: value === '' ? '' : Number(value) })}
        {...{ min: 1, max: 36_500, clampBehavior: 'strict', allowDecimal: false }}
        className="grows"
      />
      <Select
        aria-label={text.unit}
        data={(Object.keys(TIME_UNITS) as TimeUnit[]).map((value) => ({ value, label: text.units[value] }))}
        value={form.unit}
        onChange={(unit) => unit !== null && set({ unit })}
        allowDeselect={false}
        w={130}
      />
    </Group>
  );
}

/** Apps of whoever sells the product; the server refuses others. */
function AppChoice({ form, set }: PartProps) {
  const text = useText(productMessages).form;
  const common = useText(commonMessages);
  const mayRead = useMay('apps:read');
  const isOperator = useCaller().customerId === null;
  const query = { limit: 100, ...(form.customerId === '' ? {} : { customerId: form.customerId }) };
  const apps = useRead('GET /v1/apps', { query }, { enabled: mayRead });
  if (!mayRead) return null;
  const own = (apps.data?.data ?? []).filter(
    ({ customerId }) => !isOperator || customerId === (form.customerId || null),
  );
  return (
    <Select
      label={text.app}
      description={text.appHint}
      placeholder={text.noApp}
      data={own.map(({ id, name }) => ({ value: id, label: name }))}
      value={form.appId || null}
      onChange={(appId) => set({ appId: appId ?? '' })}
      clearable
      searchable
      clearButtonProps={{ 'aria-label': common.clearFilters }}
    />
  );
}
