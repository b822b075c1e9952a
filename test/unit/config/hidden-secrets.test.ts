// Tests that a configuration file is shown without its secrets, that they come back where their marks come back, and that
// no edit brings one into sight.

import { describe, expect, test } from 'vitest';
import { hideSecrets, restoreSecrets } from '../../../config/hidden-secrets.ts';

const FILE = `# the network; store password: hunter0
store: { url: "postgres://rover:hunter1@db/rovercast" } # not the default
mountpoints:
  - { name: HILL, sourcePassword: hunter2, place: 'A # hill' }
  - name: LAKE
    sourcePassword: |
      hunter3
    # sourcePassword: hunter4
    acess: hunter5
accounts:
  - username: tractor-1
    password: &pw "hunter#6"
  - { username: tractor-2, password: *pw }
caster: { operator: 'North' }
`;

const hidden = hideSecrets(FILE)!;

describe('a file that is shown', () => {
  test('has none of its secrets, neither in values nor in comments nor under a misspelled key', () => {
    expect(hidden.text).not.toMatch(/hunter/);
    expect(hidden.secrets).toHaveLength(7);
  });

  test('keeps everything else as it is written', () => {
    expect(hidden.text).toContain("name: HILL, sourcePassword: __hidden_2__, place: 'A # hill' }");
    expect(hidden.text).toContain('} # not the default');
    expect(hidden.text.split('\n').at(-2)).toBe("caster: { operator: 'North' }");
  });

  test('comes back as it was when its marks are sent back', () => {
    expect(restoreSecrets(hidden.text, hidden.secrets, 'f')).toEqual({ text: FILE, problems: [] });
  });

  test('is not shown at all where it is not YAML', () => {
    expect(hideSecrets('accounts: [ { password: hunter7 }')).toBeUndefined();
  });
});

describe('a mark', () => {
  const restore = (text: string) => restoreSecrets(text, hidden.secrets, 'f');

  test('may move with its entry', () => {
    const text = 'accounts:\n  - { username: a, password: __hidden_2__ }\n';
    expect(restore(text).text).toBe('accounts:\n  - { username: a, password: hunter2 }\n');
  });

  test.each([
    ['a value that is shown', 'caster: { operator: __hidden_2__ }\n', 'f:1:21'],
    ['a part of a secret', 'store:\n  url: postgres://x:__hidden_2__@evil.example/db\n', 'f:2:21'],
    ['a comment', 'caster: {} # __hidden_2__\n', 'f:1:14'],
    ['a key', '__hidden_2__: 1\n', 'f:1:1'],
    ['the value of a comment', 'store: { url: __hidden_0__ }\n', 'f:1:15'],
    ['a mark of nothing', 'store: { url: __hidden_99__ }\n', 'f:1:15'],
  ])('is a mistake as %s, and stays what it is', (_name, text, where) => {
    const restored = restore(text);
    expect(restored.problems).toMatchObject([{ code: 'config_hidden_misplaced', where }]);
    expect(restored.text).toBe(text);
  });
});
