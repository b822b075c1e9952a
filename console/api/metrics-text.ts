// The text format of Prometheus, as far as the console needs it: samples by name, with their labels. Pure.

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export type Samples = ReadonlyMap<string, readonly Sample[]>;

const LINE = /^([a-z_]\w*)(?:\{(.*)\})? (\S+)$/i;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** `wanted` names the metrics that are read; the page of a large network has thousands of others. */
export function readSamples(text: string, wanted: ReadonlySet<string>): Samples {
  const samples = new Map<string, Sample[]>();
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined || !wanted.has(name)) continue;
    const list = samples.get(name) ?? [];
    const named = [...labels.matchAll(LABEL)].map(([, label, written]) => [label, unescaped(written!)]);
    list.push({ labels: Object.fromEntries(named) as Sample['labels'], value: Number(value) });
    samples.set(name, list);
  }
  return samples;
}

function unescaped(written: string): string {
  return written.replaceAll(/\\(.)/g, (_all, character: string) => (character === 'n' ? '\n' : character));
}

/** The sum over the samples that have all of `labels`. */
export function sumOf(samples: Samples, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels);
  return (samples.get(name) ?? [])
    .filter((sample) => wanted.every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
