// The metrics page. Values are counted elsewhere, in memory that costs nanoseconds, and read only when somebody asks
// for the page; nothing is counted here. Which metrics there are is metric-table.ts.

import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { METRIC_MOUNTPOINTS_MAX } from '../../config/limits.ts';
import { histogramText, type HistogramSample } from './histogram-text.ts';
import {
  METRIC_NAMES,
  METRICS,
  type HistogramName,
  type LabelName,
  type MetricName,
  type MetricRow,
  type ValueName,
} from './metric-table.ts';

export interface Sample<Label extends string = string> {
  /** Every label that the table names for the metric. */
  readonly labels: Readonly<Record<Label, string>>;
  /** Of a counter: the total since the start, never smaller than before. */
  readonly value: number;
}

/** Names that Node's default metrics give wrongly: gauges that end in `_total`. The same facts are there by type. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Between two looks at how late the event loop of the main thread is. */
const EVENT_LOOP_SAMPLING_MS = 500;

export class Metrics {
  readonly #registry = new Registry();
  readonly #histograms = new Map<HistogramName, () => HistogramSample>();
  readonly #supplied = new Set<MetricName>();

  /** Starts watching the event loop and the garbage collector of this thread, and says what runs here. */
  constructor(build: { readonly version: string; readonly node: string }) {
    this.supply('caster_build_info', () => [
      { labels: { version: build.version, node: build.node }, value: 1 },
    ]);
    // The default of 10 ms would wake this thread a hundred times a second, a tenth of what a fan-out costs.
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLING_MS });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;

  /** `read` is called at every scrape and must be quick; two samples of the same labels are a bug. Once per name. */
  supply<Name extends ValueName>(name: Name, read: () => readonly Sample<LabelName<Name>>[]): void {
    this.#take(name);
    const { help, labels, type, bounded: which }: MetricRow = METRICS[name];
    const samples = (): readonly Sample[] =>
      which === undefined ? read() : bounded(labels[0]!, read(), which);
    const shared = { name, help, labelNames: labels, registers: [this.#registry] };
    if (type === 'gauge') {
      new Gauge<string>({
        ...shared,
        collect() {
          this.reset();
          // It begins at 0 where there are no labels, also where nobody knows.
          if (labels.length === 0) this.remove();
          for (const { labels: values, value } of samples()) this.set(values, value);
        },
      });
    } else {
      new Counter<string>({
        ...shared,
        collect() {
          this.reset();
          if (labels.length === 0) this.remove();
          for (const { labels: values, value } of samples()) this.inc(values, value);
        },
      });
    }
  }

  /** As `supply`, for a histogram. */
  supplyHistogram(name: HistogramName, read: () => HistogramSample): void {
    this.#take(name);
    this.#histograms.set(name, read);
  }

  /** Metrics of the table that nobody supplies yet; they are not on the page. */
  unsupplied(): MetricName[] {
    return METRIC_NAMES.filter((name) => !this.#supplied.has(name));
  }

  /** The page in the Prometheus text format; rejects where a supplier throws. */
  async text(): Promise<string> {
    const histograms = [...this.#histograms].map(([name, read]) =>
      histogramText(name, METRICS[name].help, read()),
    );
    return [await this.#registry.metrics(), ...histograms].join('\n');
  }

  #take(name: MetricName): void {
    if (this.#supplied.has(name)) throw new Error(`${name} is supplied twice`);
    this.#supplied.add(name);
  }
}

type Bounding = NonNullable<MetricRow['bounded']>;

const BOUNDINGS: Readonly<Record<Bounding, (a: number, b: number) => number>> = {
  largest: Math.max,
  smallest: Math.min,
  sum: (a, b) => a + b,
};

/** Those of the label's first METRIC_MOUNTPOINTS_MAX values as they are, and all others as `other`. */
function bounded(label: string, samples: readonly Sample[], which: Bounding): readonly Sample[] {
  const named = new Set<string>();
  const shown: Sample[] = [];
  const others = new Map<string, Sample>();
  for (const sample of samples) {
    const name = sample.labels[label]!;
    if (named.size < METRIC_MOUNTPOINTS_MAX) named.add(name);
    if (named.has(name)) {
      shown.push(sample);
      continue;
    }
    const labels = { ...sample.labels, [label]: 'other' };
    const key = JSON.stringify(labels);
    const other = others.get(key);
    const value = other === undefined ? sample.value : BOUNDINGS[which](other.value, sample.value);
    others.set(key, { labels, value });
  }
  return [...shown, ...others.values()];
}
