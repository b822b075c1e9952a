// The language, chosen by name: each is written in itself.

import { NativeSelect } from '@mantine/core';
import { commonMessages } from '../../console/app/common-messages.ts';
import { LANGUAGES, useLanguage, type Language } from '../../console/i18n/language.tsx';
import { useText } from '../../console/i18n/messages.ts';

export function LanguageChoice() {
  const common = useText(commonMessages);
  const { language, choose } = useLanguage();
  return (
    <NativeSelect
      label={common.language}
      value={language}
      data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
      onChange={(event) => choose(event.currentTarget.value as Language)}
    />
  );
}
