// What a YAML syntax error is called here. The library's own sentences quote the file, which may be quoting a password,
// so they never leave this folder.

import { type ErrorCode } from 'yaml';
import { type Problem } from './problem.ts';

type Sentence = Pick<Problem, 'code' | 'message' | 'fix'>;

function syntax(message: string, fix: string): Sentence {
  return { code: 'config_yaml_syntax', message, fix };
}

const NOT_YAML = syntax('this is not YAML', 'check quotes, brackets and indentation here and just above');
const QUOTE_IT = 'put the value in single quotes';

const SENTENCES: Partial<Record<ErrorCode, Sentence>> = {
  BAD_INDENT: syntax(
    'the indentation fits no section',
    'indent the keys of one section alike, and close brackets',
  ),
  TAB_AS_INDENT: syntax('a tab is used for indentation', 'use spaces'),
  MISSING_CHAR: syntax(
    'a colon, a space after a colon, a comma, a quote or a bracket is missing',
    'write `key: value` with a space after the colon, and close what is open',
  ),
  BLOCK_AS_IMPLICIT_KEY: syntax(
    'a second key in the value of a key',
    'put a value that contains ": " in quotes, and check the indentation',
  ),
  MULTILINE_IMPLICIT_KEY: syntax('a key goes over several lines', 'check the indentation and the line above'),
  BAD_SCALAR_START: syntax('a value begins with a character that YAML keeps for itself', QUOTE_IT),
  BAD_DQ_ESCAPE: syntax('a backslash in double quotes begins no escape that YAML knows', QUOTE_IT),
  TAG_RESOLVE_FAILED: syntax('a value begins with !, which makes it a tag that is not known', QUOTE_IT),
  BAD_ALIAS: syntax('a value begins with * or &, which makes it an alias or an anchor', QUOTE_IT),
  MULTIPLE_DOCS: syntax('a second document begins here', 'remove the line with --- or ...'),
  RESOURCE_EXHAUSTION: {
    code: 'config_yaml_nesting',
    message: 'values are nested too deeply',
    fix: 'close the brackets that were opened',
  },
};

export function syntaxSentence(code: ErrorCode): Sentence {
  return SENTENCES[code] ?? NOT_YAML;
}
