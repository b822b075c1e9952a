// Everything that can be wrong with a configuration, by stable code. Programs compare codes; sentences may change.
// docs/configuration.md lists exactly these, and a test holds the two together.

interface ProblemKind {
  /** An error keeps the process from starting (or a reload from being taken); a warning is only told. */
  readonly severity: 'error' | 'warning';
  readonly meaning: string;
}

export const PROBLEM_CODES = {
  config_file_missing: { severity: 'error', meaning: 'There is no such file.' },
  config_file_unreadable: {
    severity: 'error',
    meaning: 'The file is there but cannot be read, or is not an ordinary file.',
  },
  config_file_too_large: {
    severity: 'error',
    meaning: 'The file has more bytes than a configuration may have.',
  },
  config_file_not_text: { severity: 'error', meaning: 'The file is not UTF-8 text.' },
  config_yaml_syntax: { severity: 'error', meaning: 'The file is not YAML at this place.' },
  config_yaml_nesting: {
    severity: 'error',
    meaning: 'Values are nested too deeply, or aliases multiply them beyond measure.',
  },
  config_duplicate_key: { severity: 'error', meaning: 'A key is given twice in the same section.' },
  config_unknown_key: { severity: 'error', meaning: 'No such key exists in this section.' },
  config_missing_key: { severity: 'error', meaning: 'A key that has no default is not given.' },
  config_wrong_type: {
    severity: 'error',
    meaning: 'The value is of another kind, such as text instead of a number.',
  },
  config_out_of_bounds: {
    severity: 'error',
    meaning: 'The number, length or count is below the least or above the most.',
  },
  config_not_a_choice: { severity: 'error', meaning: 'The value is none of the words this key takes.' },
  config_bad_form: { severity: 'error', meaning: 'The text does not look as it must.' },
  config_duplicate_name: {
    severity: 'error',
    meaning: 'Two mountpoints or two accounts have the same name.',
  },
  config_unknown_mountpoint: {
    severity: 'error',
    meaning: 'A mountpoint is named that the file does not define.',
  },
  config_nearest_of_nearest: {
    severity: 'error',
    meaning: 'A nearest mountpoint is to choose one that has no base of its own.',
  },
  config_nearest_with_source: {
    severity: 'error',
    meaning: 'A nearest mountpoint has a source password or username, but takes no base.',
  },
  config_no_base_can_push: {
    severity: 'error',
    meaning: 'A mountpoint has no source password, no `nearest` and no `of`, so it would stay empty.',
  },
  config_shape_with_source: {
    severity: 'error',
    meaning:
      'A mountpoint that is a shape of another (`of`) has what only one with bases of its own can have.',
  },
  config_shape_without_source: {
    severity: 'error',
    meaning: 'A mountpoint has a `shape`, but no `of` that says of which other.',
  },
  config_shape_of_unfit: {
    severity: 'error',
    meaning: 'A mountpoint is to be a shape of one that has no base of its own, or is raw.',
  },
  config_port_clash: { severity: 'error', meaning: 'Two listeners are given the same port.' },
  config_wrong_order: {
    severity: 'error',
    meaning: 'Of two values that belong together, the one that must be smaller is not.',
  },
  config_proxy_without_trust: {
    severity: 'error',
    meaning: 'Proxies are to be believed, but none is trusted.',
  },
  config_test_payments: {
    severity: 'error',
    meaning: 'The test provider, where nobody pays, is on beside a real one.',
  },
  config_mqtt_incomplete: {
    severity: 'error',
    meaning:
      'An external broker (`licensing.mqttUrl`) lacks its authorities, credentials or an address for vehicles; or there is something for one, and no `mqttUrl`.',
  },
  config_hidden_misplaced: {
    severity: 'error',
    meaning: 'The mark of a hidden secret stands where that secret may not stand.',
  },
  config_port_without_tls: {
    severity: 'warning',
    meaning: 'A port for NTRIP over TLS is given without a certificate; it stays closed.',
  },
  config_short_password: { severity: 'warning', meaning: 'A password is short enough to be guessed.' },
  config_unknown_env: {
    severity: 'warning',
    meaning: 'An environment variable begins with ROVERCAST_ but is none of ours.',
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEM_CODES;
