// The way in: the owner key or an API key, tried before it is kept.

import { Anchor, Button, Center, Group, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useEffect, useState, type SubmitEvent } from 'react';
import { ApiError, call } from '../../api/client.ts';
import { setPresentedKey } from '../../api/credentials.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { Preferences } from '../../app/preferences.tsx';
import iconUrl from '../../icon.svg';
import { messages, useText } from '../../i18n/messages.ts';

const texts = messages({
  en: {
    title: 'Sign in',
    key: 'Key',
    hint: 'The owner key, or an API key with a role. It is kept in this tab only.',
    where: 'The owner key was printed at the first start; it stands in owner.key in the data folder.',
    show: 'Show the key',
    go: 'Sign in',
    missing: 'Enter a key.',
    wrong: 'This key is not valid here.',
    reference: 'API reference',
    wait: 'Too many wrong keys. Wait a minute, then try again.',
  },
  zh: {
    title: '登录',
    key: '密钥',
    hint: '所有者密钥，或带角色的 API 密钥。密钥只保存在当前标签页。',
    where: '所有者密钥在首次启动时打印一次，保存在数据目录的 owner.key 文件中。',
    show: '显示密钥',
    go: '登录',
    missing: '请输入密钥。',
    wrong: '此密钥在这里无效。',
    reference: 'API 参考',
    wait: '错误密钥次数过多，请一分钟后再试。',
  },
});

type Trouble =
  { readonly kind: 'missing' | 'wrong' | 'wait' } | { readonly kind: 'told'; readonly words: string };

export function SignIn() {
  const text = useText(texts);
  const common = useText(commonMessages);
  const [key, setKey] = useState('');
  const [trouble, setTrouble] = useState<Trouble>();
  const [isTrying, setIsTrying] = useState(false);
  useEffect(() => {
    document.title = `${text.title} · ${common.product}`;
  }, [text, common]);

  const tryKey = async (): Promise<void> => {
    const given = key.trim();
    // A header holds nothing but printable ASCII, and so does every key.
    if (!/^[!-~]+$/.test(given)) {
      setTrouble({ kind: given === '' ? 'missing' : 'wrong' });
      return;
    }
    setIsTrying(true);
    try {
      await call('GET /v1/me', {}, { key: given });
      setPresentedKey(given);
    } catch (error) {
      setTrouble(troubleOf(error, common.problem));
      setIsTrying(false);
    }
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void tryKey();
  };

  return (
    <Stack h="100%" gap={0}>
      <Group justify="flex-end" p="sm">
        <Preferences />
      </Group>
      <Center component="main" style={{ flex: 1 }} p="md">
        <Paper withBorder shadow="sm" p="xl" w="100%" maw={420}>
          <form onSubmit={submit} noValidate>
            <Stack>
              <Group gap="sm">
                <img src={iconUrl} alt="" width={34} height={34} />
                <Title order={1} size="h3">
                  {common.product}
                </Title>
              </Group>
              {/* By which a browser knows what it keeps the key for. */}
              <input
                type="text"
                name="username"
                value={common.product}
                autoComplete="username"
                readOnly
                hidden
              />
              <PasswordInput
                label={text.key}
                description={text.hint}
                value={key}
                onChange={(event) => {
                  setKey(event.currentTarget.value);
                  setTrouble(undefined);
                }}
                error={trouble && (trouble.kind === 'told' ? trouble.words : text[trouble.kind])}
                autoComplete="current-password"
                autoFocus
                spellCheck={false}
                visibilityToggleButtonProps={{ 'aria-label': text.show }}
              />
              <Button type="submit" loading={isTrying}>
                {text.go}
              </Button>
              <Text size="sm" c="dimmed">
                {text.where}
              </Text>
              <Anchor href="/reference/" size="sm">
                {text.reference}
              </Anchor>
            </Stack>
          </form>
        </Paper>
      </Center>
    </Stack>
  );
}

function troubleOf(
  error: unknown,
  own: { readonly unreachable: string; readonly unreadable: string },
): Trouble {
  if (!(error instanceof ApiError)) return { kind: 'told', words: String(error) };
  if (error.status === 401) return { kind: 'wrong' };
  if (error.status === 429) return { kind: 'wait' };
  if (error.code === 'unreachable' || error.code === 'unreadable')
    return { kind: 'told', words: own[error.code] };
  return { kind: 'told', words: `${error.message} ${error.fix}` };
}
