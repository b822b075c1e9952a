// The table of commands. Only the module of the command that was asked for is loaded, so that `--help` and the health
// check do not wait for the server's libraries.

import { Command, CommanderError } from 'commander';
import { EXIT_OK, EXIT_USAGE } from './failure.ts';
import { packageVersion } from './package-version.ts';
import { endQuietlyWhenPipeCloses, goOnWhenPipeCloses } from './terminal.ts';

interface CommandEntry {
  readonly name: string;
  readonly description: string;
  /** Runs the caster itself. */
  readonly serves?: true;
  readonly load: () => Promise<Command>;
}

const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'serve',
    description: 'run the caster',
    serves: true,
    load: async () => (await import('./serve.ts')).serveCommand(),
  },
  {
    name: 'demo',
    description: 'run everything with simulated bases, rovers and a vehicle, to see it move',
    serves: true,
    load: async () => (await import('./demo.ts')).demoCommand(),
  },
  {
    name: 'config',
    description: 'explain and check the configuration',
    load: async () => (await import('./config.ts')).configCommand(),
  },
  {
    name: 'doctor',
    description: 'check whether the caster can run here, and say what to mend',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
  {
    name: 'tail',
    description: 'follow the events of a running caster',
    load: async () => (await import('./tail.ts')).tailCommand(),
  },
  {
    name: 'why',
    description: 'tell why a rover cannot connect, and what to do',
    load: async () => (await import('./why.ts')).whyCommand(),
  },
  {
    name: 'rover',
    description: 'connect as a rover and tell what comes',
    load: async () => (await import('./rover.ts')).roverCommand(),
  },
  {
    name: 'base',
    description: 'connect as a base and push a recording, standard input or a simulation',
    load: async () => (await import('./base.ts')).baseCommand(),
  },
  {
    name: 'inspect',
    description: 'tell what an RTCM recording or stream carries, and what is wrong with it',
    load: async () => (await import('./inspect.ts')).inspectCommand(),
  },
  {
    name: 'reshape',
    description: 'write what a service spec makes of an RTCM recording',
    load: async () => (await import('./reshape.ts')).reshapeCommand(),
  },
  {
    name: 'openapi',
    description: 'print the OpenAPI document of the API',
    load: async () => (await import('./openapi.ts')).openapiCommand(),
  },
  {
    name: 'sourcetable',
    description: 'list and check the sourcetable of a caster',
    load: async () => (await import('./sourcetable.ts')).sourcetableCommand(),
  },
  {
    name: 'sign',
    description: 'sign for an app: an NTRIP password, or the header of a call',
    load: async () => (await import('./sign.ts')).signCommand(),
  },
  {
    name: 'simulate',
    description: 'write the RTCM of simulated bases; `vehicles`: a fleet of vehicles',
    load: async () => (await import('./simulate.ts')).simulateCommand(),
  },
  {
    name: 'ota',
    description: 'rotate the keys of vehicle updates, keep those of the root',
    load: async () => (await import('./ota.ts')).otaCommand(),
  },
  {
    name: 'vehicle',
    description: 'be a vehicle: get a certificate, connect, use what was bought',
    load: async () => (await import('./vehicle.ts')).vehicleCommand(),
  },
];

/** Runs the command that `words` (the command line without program and script) name, and sets the exit code. */
export async function runProgram(words: readonly string[]): Promise<void> {
  const program = new Command('rovercast')
    .description('NTRIP caster: bases push corrections in, rovers get them out')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show what a command takes')
    .helpCommand('help [COMMAND]', 'show what a command takes')
    .enablePositionalOptions()
    .addHelpText('after', '\nExit codes: 0 ok, 1 failed, 2 usage, 3 configuration invalid.');
  const wanted = wantedCommand(words);
  const entry = COMMANDS.find(({ name }) => name === wanted);
  // A server goes on when the reader of its log or ready line goes away; a tool has then nothing left to do.
  if (entry?.serves === true) goOnWhenPipeCloses();
  else endQuietlyWhenPipeCloses();
  for (const entry of COMMANDS) program.addCommand(entry.name === wanted ? await entry.load() : stub(entry));
  prepare(program);
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version that were asked for end with 0; whatever else commander says is about the words.
    process.exitCode = error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
  }
}

/** The command that will run or be explained. */
function wantedCommand(words: readonly string[]): string | undefined {
  const [first, second] = words.filter((word) => !word.startsWith('-'));
  return first === 'help' ? second : first;
}

/** Stands for a command in the help of the program. */
function stub({ name, description }: CommandEntry): Command {
  return new Command(name).description(description);
}

/** Errors are thrown instead of ending the process, here and in every command below. */
function prepare(command: Command): void {
  command.exitOverride();
  command.showHelpAfterError('(--help shows what it takes)');
  command.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'bad_usage: ')) });
  command.commands.forEach(prepare);
}
