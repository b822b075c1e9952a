// What can keep the process from starting, outside its configuration file, by stable code. Programs compare codes;
// sentences may change. Adding one: add a row here and one in docs/errors.md; a test compares the two.

interface StartProblemRow {
  readonly meaning: string;
  /** What to do about it. */
  readonly fix: string;
}

export const START_PROBLEMS = {
  port_in_use: {
    meaning: 'Another program, or another Rovercast, listens on the port.',
    fix: 'stop the other program, or choose another port; 0 is any free one',
  },
  port_not_permitted: {
    meaning: 'The process may not listen on the port.',
    fix: 'choose a port from 1024 on, or give the process the right (CAP_NET_BIND_SERVICE)',
  },
  address_not_available: {
    meaning: 'The machine does not have the address to listen on.',
    fix: 'choose an address of this machine, 0.0.0.0 for all of IPv4, or :: for all',
  },
  listen_failed: {
    meaning: 'Listening failed for another reason, which the message names.',
    fix: 'look the error up; it comes from the operating system',
  },
  tls_file_unreadable: {
    meaning: 'A file of the TLS certificate cannot be read.',
    fix: 'check tls.certFile and tls.keyFile, and that the user that runs the process may read them',
  },
  tls_invalid: {
    meaning: 'The files named for TLS are not a certificate in PEM form with its own private key.',
    fix: 'name a PEM certificate (chain) in tls.certFile and its unencrypted PEM key in tls.keyFile',
  },
  data_dir_not_a_directory: {
    meaning: 'The data folder, or something on the way to it, is there but is no folder.',
    fix: 'name another folder with dataDir or ROVERCAST_DATA_DIR, or move the file away',
  },
  data_dir_not_writable: {
    meaning: 'The process may not make the data folder, or not write into it.',
    fix: 'make it belong to the user that runs the process, or name another with dataDir or ROVERCAST_DATA_DIR',
  },
  data_dir_full: {
    meaning: 'The disk of the data folder is full, or a quota on it is used up.',
    fix: 'make room, or name a folder on another disk with dataDir or ROVERCAST_DATA_DIR',
  },
  data_dir_unusable: {
    meaning: 'The data folder cannot be used for another reason, which the message names.',
    fix: 'look the error up; it comes from the operating system',
  },
  owner_key_malformed: {
    meaning: 'ROVERCAST_OWNER_KEY is set, but cannot be a key.',
    fix: 'give at least 24 printable ASCII characters without space, or unset it to have a key made',
  },
  owner_key_file_malformed: {
    meaning: 'The file of the owner key is there, but holds no key.',
    fix: 'put the key back into it, or delete the file to have a new key made',
  },
  owner_key_file_unreadable: {
    meaning: 'The file of the owner key is there, but the process may not read it.',
    fix: 'make it belong to the user that runs the process',
  },
  master_key_malformed: {
    meaning: 'ROVERCAST_MASTER_KEY is set, but cannot be a master key.',
    fix: 'give 32 random bytes in base64 or hex (openssl rand -base64 32), or unset it to use the file',
  },
  master_key_file_malformed: {
    meaning: 'The file of the master key is there, but holds no key.',
    fix: 'put the key back into it from a backup; only where the store holds no secrets yet, delete it',
  },
  master_key_file_unreadable: {
    meaning: 'The file of the master key is there, but the process may not read it.',
    fix: 'make it belong to the user that runs the process',
  },
  master_key_wrong: {
    meaning: 'The secrets in the store were sealed under another master key.',
    fix: 'bring back the master.key that belongs to this store, or set ROVERCAST_MASTER_KEY; all nodes on one store need the same',
  },
  master_key_probe_damaged: {
    meaning: 'What the store has to check the master key by cannot be read.',
    fix: 'put a backup of the store in its place',
  },
  store_unreachable: {
    meaning: 'The PostgreSQL server of store.url does not answer, or takes no more connections.',
    fix: 'check host and port in store.url, and that the server runs and takes connections from here',
  },
  store_password_wrong: {
    meaning: 'The PostgreSQL server does not take the user or the password of store.url.',
    fix: 'correct user and password in store.url, and check pg_hba.conf of the server',
  },
  store_database_missing: {
    meaning: 'The PostgreSQL server has no database of the name in store.url.',
    fix: 'create it (createdb), or correct the name in store.url',
  },
  store_not_permitted: {
    meaning: 'The user of store.url may not make tables in the database.',
    fix: 'make the user the owner of the database, or grant it CREATE on the schema',
  },
  store_not_a_database: {
    meaning: 'The file of store.url is no SQLite database, or a damaged one.',
    fix: 'name another file in store.url, or put a backup in its place',
  },
  store_foreign: {
    meaning: 'The database has tables that another program made.',
    fix: 'name a database of its own in store.url',
  },
  store_newer: {
    meaning: 'A newer version of Rovercast has changed the tables.',
    fix: 'run that version, or put the backup back that was made before it',
  },
  store_locked: {
    meaning: 'Another process keeps the store locked.',
    fix: 'let it finish (a backup, a VACUUM, a migration), or end it',
  },
  store_not_writable: {
    meaning: 'The process may not make the file of the store, or not write into it.',
    fix: 'make file and folder belong to the user that runs the process, or name another in store.url',
  },
  store_full: {
    meaning: 'The disk of the store is full.',
    fix: 'make room, or name a file on another disk in store.url',
  },
  metering_failed: {
    meaning: 'Metering cannot work in the data folder, for the reason in the message.',
    fix: 'do what the message says, make room on the disk, or set metering.url to off to run without metering',
  },
  broker_failed: {
    meaning: 'The vehicles’ broker cannot work in the data folder; the message has the reason.',
    fix: 'do what the message says, or set listen.mqttsPort and listen.mqttsTokenPort to off',
  },
  broker_ca_missing: {
    meaning:
      'Vehicles are shown the certificate of tls, and nothing says by which authority they know it (licensing.brokerCertificate).',
    fix: 'name the authority’s certificate (PEM) in licensing.brokerCaFile',
  },
  broker_ca_wrong: {
    meaning: 'The certificate that vehicles are shown does not come from the authorities that they are told.',
    fix: 'name the authority that signed the last certificate of tls.certFile in licensing.brokerCaFile',
  },
  mqtt_file_unreadable: {
    meaning: 'A file for the external broker cannot be read.',
    fix: 'check the files that licensing names, and that the user that runs the process may read them',
  },
  mqtt_file_invalid: {
    meaning: 'A file for the external broker does not hold what it must.',
    fix: 'name PEM certificates in licensing.mqttCaFile and mqttCertFile, its key in mqttKeyFile, and a file with one line in mqttPasswordFile',
  },
  store_unusable: {
    meaning: 'The store cannot be used for another reason, which the message names.',
    fix: 'look the error up; it comes from the database',
  },
} as const satisfies Record<string, StartProblemRow>;

export type StartProblemCode = keyof typeof START_PROBLEMS;

export interface StartProblem {
  readonly code: StartProblemCode;
  /** What is wrong, with which port, address or path; never with a secret. */
  readonly message: string;
  readonly fix: string;
}

export function startProblem(code: StartProblemCode, message: string): StartProblem {
  return { code, message, fix: START_PROBLEMS[code].fix };
}

const LISTEN_CODES: Readonly<Record<string, StartProblemCode>> = {
  EADDRINUSE: 'port_in_use',
  EACCES: 'port_not_permitted',
  EPERM: 'port_not_permitted',
  EADDRNOTAVAIL: 'address_not_available',
  EAFNOSUPPORT: 'address_not_available',
  ENOTFOUND: 'address_not_available',
};

/** Why a port could not be opened. `errno` is what the system said; `setting` is the key that chose the port. */
export function listenProblem(
  errno: string,
  place: { readonly host: string; readonly port: number; readonly setting: string },
): StartProblem {
  const { host, port, setting } = place;
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return startProblem(
    LISTEN_CODES[errno] ?? 'listen_failed',
    `cannot listen on ${address} (${setting}): ${errno}`,
  );
}

/** `EACCES` and the like of a failed system call; undefined where the error is none of these. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return error.code;
}
