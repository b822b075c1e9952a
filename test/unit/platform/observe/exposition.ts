// A strict reader of the Prometheus text format 0.0.4, written from its description and independent of what writes
// it. Throws at whatever the format does not allow.

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: {
    readonly name: string;
    readonly labels: Record<string, string>;
    readonly value: number;
  }[];
}

const SAMPLE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy;
const NUMBER = /^(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|[-+]Inf|NaN)$/i;

/** Families in the order of the text. Blank lines are let through, other comments are not made here. */
export function readExposition(text: string): Family[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families: Family[] = [];
  const series = new Set<string>();
  let help: [string, string] | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment) {
      const [, kind, name = '', rest = ''] = comment;
      if (kind === 'HELP') help = [name, rest];
      else {
        if (help?.[0] !== name) throw new Error(`TYPE of ${name} does not follow its HELP`);
        if (!/^(counter|gauge|histogram|summary)$/.test(rest)) throw new Error(`no such type: ${line}`);
        if (families.some((family) => family.name === name)) throw new Error(`${name} comes twice`);
        families.push({ name, help: help[1], type: rest, samples: [] });
      }
      continue;
    }
    const family = families.at(-1);
    const { name = '', labels = '', value = '' } = SAMPLE.exec(line)?.groups ?? {};
    if (!family || !belongs(name, family)) throw new Error(`no sample of ${family?.name}: ${line}`);
    if (!NUMBER.test(value)) throw new Error(`no number: ${line}`);
    const read = readLabels(labels);
    const identity = `${name} ${JSON.stringify(Object.entries(read).toSorted())}`;
    if (series.has(identity)) throw new Error(`the same series twice: ${line}`);
    series.add(identity);
    family.samples.push({ name, labels: read, value: Number(value.replace('Inf', 'Infinity')) });
  }
  for (const family of families) if (family.type === 'histogram') checkHistogram(family);
  return families;
}

function belongs(name: string, { name: family, type }: Family): boolean {
  return type === 'histogram'
    ? ['_bucket', '_sum', '_count'].some((part) => name === family + part)
    : name === family;
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let end = 0;
  for (const [whole, name = '', value = ''] of text.matchAll(LABEL)) {
    if (name in labels) throw new Error(`the same label twice: ${text}`);
    labels[name] = value.replaceAll(/\\(.)/g, (_, character: string) =>
      character === 'n' ? '\n' : character,
    );
    end += whole.length;
  }
  if (end !== text.length) throw new Error(`labels cannot be read: ${text}`);
  return labels;
}

/** Of each set of labels: buckets grow with their bounds, the last is +Inf, and it equals the count. */
function checkHistogram({ name, samples }: Family): void {
  const groups = Map.groupBy(samples, ({ labels }) =>
    JSON.stringify(Object.entries({ ...labels, le: '' }).toSorted()),
  );
  for (const group of groups.values()) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => Number(labels.le?.replace('+Inf', 'Infinity')));
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    if (!isGrowing(bounds) || bounds.at(-1) !== Infinity)
      throw new Error(`bounds of ${name}: ${bounds.join()}`);
    if (!isGrowing(buckets.map(({ value }) => value)) || buckets.at(-1)?.value !== count) {
      throw new Error(`buckets of ${name} do not add up`);
    }
    if (!group.some((sample) => sample.name === `${name}_sum`)) throw new Error(`${name} has no sum`);
  }
}

function isGrowing(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number >= numbers[index - 1]!);
}
