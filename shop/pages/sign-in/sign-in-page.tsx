// The way in: e-mail and password, of an account that there is or of a new one.

import { Button, Paper, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { ApiError, call } from '../../../console/api/client.ts';
import { setPresentedKey } from '../../../console/api/credentials.ts';
import { useLanguage } from '../../../console/i18n/language.tsx';
import { useText } from '../../../console/i18n/messages.ts';
import { LanguageChoice } from '../../parts/language-choice.tsx';
import { Page } from '../../parts/page.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { signInMessages } from './messages.ts';
import { PASSWORD_LENGTH_MIN, whatIsWrong, type Credentials } from './credentials-form.ts';

const EMPTY: Credentials = { email: '', password: '', name: '' };

export function SignInPage() {
  const text = useText(signInMessages);
  const [isNew, setIsNew] = useState(false);
  return (
    <Page title={isNew ? text.signUp : text.signIn}>
      <Text c="dimmed">{text.lead}</Text>
      <Paper withBorder p="lg">
        <SignInForm key={String(isNew)} isNew={isNew} />
      </Paper>
      <Button variant="subtle" onClick={() => setIsNew(!isNew)}>
        {isNew ? text.orIn : text.orUp}
      </Button>
      <LanguageChoice />
    </Page>
  );
}

function SignInForm({ isNew }: { readonly isNew: boolean }) {
  const text = useText(signInMessages);
  const { language } = useLanguage();
  const [given, setGiven] = useState(EMPTY);
  const [isLate, setIsLate] = useState(false);
  const [isTrying, setIsTrying] = useState(false);
  const [trouble, setTrouble] = useState<Error>();
  const wrong = whatIsWrong(given, isNew);

  const enter = async (): Promise<void> => {
    setIsTrying(true);
    setTrouble(undefined);
    const { password } = given;
    const [email, name] = [given.email.trim(), given.name.trim()];
    try {
      if (isNew) {
        await call('POST /v1/drivers', {
          body: { email, password, language, ...(name === '' ? {} : { name }) },
        });
      }
      const { token } = await call('POST /v1/drivers/login', { body: { email, password } });
      setPresentedKey(token);
    } catch (error) {
      setTrouble(error instanceof ApiError ? error : new Error(String(error)));
      setIsTrying(false);
    }
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setIsLate(true);
    if (Object.keys(wrong).length === 0) void enter();
  };
  const change = (part: Partial<Credentials>): void => {
    setGiven({ ...given, ...part });
    setTrouble(undefined);
  };
  const passwordFault =
    wrong.password === 'short' ? text.shortPassword(PASSWORD_LENGTH_MIN) : text.noPassword;

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={text.email}
          type="email"
          inputMode="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          value={given.email}
          onChange={(event) => change({ email: event.currentTarget.value })}
          error={isLate && wrong.email !== undefined && text.noEmail}
        />
        <PasswordInput
          label={text.password}
          description={isNew ? text.passwordHint(PASSWORD_LENGTH_MIN) : undefined}
          autoComplete={isNew ? 'new-password' : 'current-password'}
          required
          withAsterisk={false}
          value={given.password}
          onChange={(event) => change({ password: event.currentTarget.value })}
          error={isLate && wrong.password !== undefined && passwordFault}
          visibilityToggleButtonProps={{ 'aria-label': text.showPassword }}
        />
        {isNew && (
          <TextInput
            label={text.name}
            description={text.nameHint}
            autoComplete="name"
            maxLength={100}
            value={given.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
        )}
        {trouble !== undefined && <Trouble error={trouble} />}
        <Button type="submit" loading={isTrying}>
          {isNew ? text.goUp : text.goIn}
        </Button>
        <Text size="sm" c="dimmed">
          {text.kept}
        </Text>
      </Stack>
    </form>
  );
}
