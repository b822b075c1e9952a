// Runs RTKLIB's programs on simulated streams in a folder of its own, and reads their results.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Ecef } from '../../../caster/simulator/earth-frame.ts';

/** Names of those of RTKLIB's programs that are not on PATH. */
export function missingPrograms(): string[] {
  return ['convbin', 'rnx2rtkp'].filter((program) => !isOnPath(program));
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface RinexFiles {
  readonly observations: string;
  /** Of all systems: convbin keeps GLONASS apart only before RINEX 3. */
  readonly navigation: string;
}

export interface Fix {
  readonly towMs: number;
  readonly position: Ecef;
  /** 1 fixed, 2 float, 5 single point. */
  readonly quality: number;
  readonly satellites: number;
}

export interface Workshop {
  /** Writes a stream and lets convbin turn it into RINEX 3.04; `start` is its first epoch as `y/m/d h:m:s`. */
  convert(name: string, stream: readonly Buffer[], start: string): RinexFiles;
  /** Runs rnx2rtkp with a configuration on a rover and, given one, a base at `position`. */
  solve(
    settings: Readonly<Record<string, string>>,
    rover: RinexFiles,
    base?: { files: RinexFiles; position: Ecef },
  ): Fix[];
  remove(): void;
}

export function openWorkshop(): Workshop {
  // Made with the first file, so that a run that skips everything leaves nothing behind.
  let made: string | undefined;
  const inFolder = (file: string) => join((made ??= mkdtempSync(join(tmpdir(), 'rovercast-rtklib-'))), file);
  let solutions = 0;
  return {
    convert(name, stream, start) {
      const input = inFolder(`${name}.rtcm3`);
      const files = {
        observations: inFolder(`${name}.obs`),
        navigation: inFolder(`${name}.nav`),
      };
      writeFileSync(input, Buffer.concat(stream));
      const outputs = ['-o', files.observations, '-n', files.navigation];
      run('convbin', [
        '-r',
        'rtcm3',
        '-v',
        '3.04',
        '-od',
        '-os',
        '-tr',
        ...start.split(' '),
        ...outputs,
        input,
      ]);
      return files;
    },
    solve(settings, rover, base) {
      const output = inFolder(`solution-${solutions++}.pos`);
      const configuration = inFolder('solution.conf');
      const all = { ...settings, 'out-solformat': 'xyz', 'out-timeform': 'tow', 'out-timendec': '3' };
      writeFileSync(
        configuration,
        Object.entries(all)
          .map((entry) => `${entry.join('=')}\n`)
          .join(''),
      );
      const reference = base
        ? ['-r', String(base.position.x), String(base.position.y), String(base.position.z)]
        : [];
      const observations = base ? [rover.observations, base.files.observations] : [rover.observations];
      const { navigation } = base?.files ?? rover;
      run('rnx2rtkp', ['-k', configuration, ...reference, '-o', output, ...observations, navigation]);
      return readFileSync(output, 'latin1').split('\n').filter(isSolution).map(readFix);
    },
    remove: () => {
      if (made !== undefined) rmSync(made, { recursive: true, force: true });
    },
  };
}

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: 'ignore', timeout: 60_000 });
}

function isSolution(line: string): boolean {
  return line !== '' && !line.startsWith('%');
}

function readFix(line: string): Fix {
  const [, tow, x, y, z, quality, satellites] = line.trim().split(/\s+/).map(Number);
  return {
    towMs: Math.round(tow! * 1000),
    position: { x: x!, y: y!, z: z! },
    quality: quality!,
    satellites: satellites!,
  };
}
