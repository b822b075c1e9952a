// Runs a Dockerfile's steps as ordinary commands in a folder for each stage, for machines without a container engine.
// It knows FROM, ENV, WORKDIR, COPY and RUN in the forms that our Dockerfile uses and throws at anything else that
// could change a file system. It must never touch a file outside of the folder that it is given.

import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One instruction of a Dockerfile: `RUN`, and what follows it. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** A stage that has been run: its root folder, its working directory in it, and its environment. */
export interface Stage {
  readonly name: string;
  readonly root: string;
  folder: string;
  readonly env: Record<string, string>;
}

/** Instructions that say how a container runs or is described; they change no file. */
const SILENT = new Set(['ARG', 'USER', 'VOLUME', 'EXPOSE', 'STOPSIGNAL', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD']);

/** The instructions of a Dockerfile in order; comments and blank lines are left out, `\` joins lines. */
export function parseDockerfile(text: string): Instruction[] {
  const lines = text.replaceAll(/\\\n/g, ' ').split('\n');
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', ...rest] = line.split(/\s+/);
      return { name: name.toUpperCase(), text: rest.join(' ') };
    });
}

/** The argument list of the last instruction with that name, written as a JSON array. */
export function commandOf(instructions: readonly Instruction[], name: string): string[] {
  const text = instructions.findLast((instruction) => instruction.name === name)?.text ?? '';
  const parsed: unknown = JSON.parse(text.slice(text.indexOf('[')));
  if (!Array.isArray(parsed)) throw new Error(`${name} is not written as a JSON array`);
  return parsed.map(String);
}

/**
 * Runs all steps with `context` as the build context and `workFolder` as the place for the stages' roots. Returns the
 * last stage. Throws with the output of the step that failed.
 */
export function runDockerfile(
  instructions: readonly Instruction[],
  context: string,
  workFolder: string,
): Stage {
  const stages: Stage[] = [];
  for (const instruction of instructions) {
    if (instruction.name === 'FROM') {
      const name = / AS (\S+)$/i.exec(instruction.text)?.[1] ?? String(stages.length);
      const root = path.join(workFolder, name);
      mkdirSync(root);
      stages.push({ name, root, folder: root, env: {} });
    } else if (!SILENT.has(instruction.name)) {
      step(instruction, stages, context);
    }
  }
  const last = stages.at(-1);
  if (!last) throw new Error('the Dockerfile has no FROM');
  return last;
}

function step({ name, text }: Instruction, stages: readonly Stage[], context: string): void {
  const stage = stages.at(-1);
  if (!stage) throw new Error(`${name} before the first FROM`);
  switch (name) {
    case 'ENV': {
      const [variable = '', value = ''] = text.split(/=(.*)/s);
      stage.env[variable] = value.startsWith('/') ? path.join(stage.root, value) : value;
      return;
    }
    case 'WORKDIR':
      stage.folder = path.join(stage.root, text);
      mkdirSync(stage.folder, { recursive: true });
      return;
    case 'COPY':
      copy(text.split(' '), stage, stages, context);
      return;
    case 'RUN':
      run(text, stage);
      return;
    default:
      throw new Error(`${name} is not understood: teach test/package/dockerfile.ts, or leave it out`);
  }
}

function copy(words: readonly string[], stage: Stage, stages: readonly Stage[], context: string): void {
  const from = words[0]?.startsWith('--from=') ? words[0].slice('--from='.length) : undefined;
  const [to = '', ...sources] = words.slice(from === undefined ? 0 : 1).toReversed();
  const base = from === undefined ? context : stages.find(({ name }) => name === from)?.root;
  if (base === undefined) throw new Error(`COPY --from=${String(from)}: there is no such stage`);
  const ignored = from === undefined ? ignoredFiles(context) : new Set<string>();

  for (const source of sources.toReversed()) {
    const file = path.join(base, source);
    const target = to.endsWith('./') ? path.join(stage.folder, source) : path.join(stage.folder, to);
    cpSync(file, target, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (each) => !ignored.has(each),
    });
  }
}

/** What .dockerignore keeps out of the context; its patterns are all relative to the root. */
function ignoredFiles(context: string): Set<string> {
  const patterns = readFileSync(path.join(context, '.dockerignore'), 'utf8').split('\n').filter(Boolean);
  return new Set(globSync(patterns, { cwd: context }).map((file) => path.join(context, file)));
}

function run(text: string, stage: Stage): void {
  // The image's own Node is the one that runs this test; the machine's may be older.
  const PATH = [path.dirname(process.execPath), process.env.PATH].join(path.delimiter);
  try {
    execFileSync('sh', ['-c', text], {
      cwd: stage.folder,
      env: { ...process.env, ...stage.env, PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`stage ${stage.name}, RUN ${text}:\n${stdout}\n${stderr}`, { cause: error });
  }
}
