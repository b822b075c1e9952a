// Runs the command line as a user does: a process of its own, its two outputs apart.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import path from 'node:path';

const PROGRAM = path.resolve(import.meta.dirname, '../../../cli/rovercast.ts');

export interface CliResult {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Buffer;
  readonly cwd?: string;
}

export class CliProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #out: Buffer[] = [];
  #stderr = '';
  readonly #ended: Promise<number | null>;

  constructor(words: readonly string[], { env = {}, input, cwd }: CliOptions = {}) {
    const inherited = Object.entries(process.env).filter(([name]) => !/^ROVERCAST_|COLOR$/.test(name));
    this.child = spawn(process.execPath, [PROGRAM, ...words], {
      env: { ...Object.fromEntries(inherited), ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.child.stdout.on('data', (bytes: Buffer) => this.#out.push(bytes));
    this.child.stderr.on('data', (bytes: Buffer) => (this.#stderr += bytes.toString()));
    this.#ended = new Promise((resolve) => this.child.once('close', resolve));
    // A process that ends before it has read its input is no fault of the test.
    this.child.stdin.on('error', () => undefined);
    if (input !== undefined) this.child.stdin.end(input);
  }

  get stdout(): string {
    return Buffer.concat(this.#out).toString();
  }

  get stdoutBytes(): Buffer {
    return Buffer.concat(this.#out);
  }

  get stderr(): string {
    return this.#stderr;
  }

  async end(): Promise<CliResult> {
    const code = await this.#ended;
    return { code, stdout: this.stdout, stderr: this.stderr };
  }
}

/** Runs a command to its end. */
export async function runCli(words: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return new CliProcess(words, { input: Buffer.alloc(0), ...options }).end();
}

/** The JSON lines of an output. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
