// What each role may do: scopes by roles, as the server has them.

import { Stack, Table, Text, VisuallyHidden } from '@mantine/core';
import { useRead } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { useText } from '../../i18n/messages.ts';
import { Icon } from '../../parts/icon.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { keyMessages } from './messages.ts';
import { SCOPE_WORDS_ZH } from './scope-words.ts';

export function RolesTable() {
  const text = useText(keyMessages);
  const common = useText(commonMessages);
  const { language } = useLanguage();
  const found = useRead('GET /v1/roles', {});
  if (found.error !== null) return <ProblemBox error={found.error} />;
  const { roles = [], scopes = [] } = found.data ?? {};
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {text.rolesWords}
      </Text>
      <Table.ScrollContainer minWidth={900}>
        <Table aria-label={text.rolesTable} stickyHeader>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.scope}</Table.Th>
              <Table.Th>{text.meaning}</Table.Th>
              {roles.map(({ role, customerOnly, keyless }) => (
                <Table.Th key={role} ta="center">
                  {common.roles[role]}
                  {(customerOnly || keyless) && (
                    <Text size="xs" fw={400} c="dimmed">
                      {customerOnly ? text.customerOnly : text.keyless}
                    </Text>
                  )}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {scopes.map(({ scope, meaning }) => (
              <Table.Tr key={scope}>
                <Table.Td className="mono">{scope}</Table.Td>
                <Table.Td>{language === 'zh' ? SCOPE_WORDS_ZH[scope] : meaning}</Table.Td>
                {roles.map((role) => (
                  <Table.Td key={role.role} ta="center">
                    {role.scopes.includes(scope) ? (
                      <>
                        <Icon name="check" />
                        <VisuallyHidden>{text.may}</VisuallyHidden>
                      </>
                    ) : (
                      <VisuallyHidden>{text.mayNot}</VisuallyHidden>
                    )}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}
