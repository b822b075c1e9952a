// Figures over time, by uPlot, as lines or as bars. The figures themselves stand beside it as text, so that nobody needs
// to see the drawing.

import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import { messages, useText } from '../i18n/messages.ts';

const HEIGHT_PX = 210;
const COLORS = {
  light: { text: '#495057', grid: '#e9ecef', first: '#0b7285', second: '#c2570c' },
  dark: { text: '#c1c2c5', grid: '#373a40', first: '#3bc9db', second: '#ffa94d' },
} as const;

const texts = messages({ en: { when: 'When' }, zh: { when: '时间' } });

export interface ChartLine {
  readonly label: string;
  readonly values: readonly number[];
}

export interface TimeChartProps {
  readonly label: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  /** One or two, always as many. */
  readonly lines: readonly [ChartLine, ChartLine?];
  readonly valueOf: (value: number) => string;
  readonly timeOf: (ms: number) => string;
  /** The least that the highest value stands for. */
  readonly topMin: number;
  readonly isBars?: boolean;
}

function dataOf({ times, lines }: Pick<TimeChartProps, 'times' | 'lines'>): UPlot.AlignedData {
  return [[...times], ...lines.filter((line) => line !== undefined).map(({ values }) => [...values])];
}

export function TimeChart(props: TimeChartProps) {
  const { label, lines, valueOf, timeOf, topMin, isBars = false } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(null);
  const latest = useRef(props);
  const text = useText(texts);
  const scheme = useComputedColorScheme('light');
  const [first, second] = [lines[0].label, lines[1]?.label];

  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const colors = COLORS[scheme];
    const axis = { stroke: colors.text, grid: { stroke: colors.grid, width: 1 }, ticks: { show: false } };
    const bars = UPlot.paths.bars?.({ size: [0.8, 60] });
    const line = (name: string, stroke: string): UPlot.Series => ({
      ...{ label: name, stroke, width: 2, points: { show: false } },
      ...(isBars && bars !== undefined ? { paths: bars, fill: stroke, width: 0 } : {}),
      value: (_plot, value) => (typeof value === 'number' ? valueOf(value) : '–'),
    });
    const made = new UPlot(
      {
        ...{ width: element.clientWidth, height: HEIGHT_PX, cursor: { y: false } },
        scales: { y: { range: (_plot, _min, max) => [0, Math.max(max * 1.15, topMin)] } },
        axes: [
          {
            ...axis,
            // Before the second value there is no span of time to tell of.
            values: ({ data: [times] }, marks) =>
              marks.map((mark) => (times.length < 2 ? '' : timeOf(mark * 1000))),
            space: 110,
          },
          { ...axis, values: (_plot, marks) => marks.map(valueOf), size: 78 },
        ],
        series: [
          {
            label: text.when,
            value: (_plot, value) => (typeof value === 'number' ? timeOf(value * 1000) : '–'),
          },
          line(first, colors.first),
          ...(second === undefined ? [] : [line(second, colors.second)]),
        ],
      },
      dataOf(latest.current),
      element,
    );
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [first, second, valueOf, timeOf, topMin, isBars, text, scheme]);

  useEffect(() => {
    latest.current = props;
    plot.current?.setData(dataOf(props));
  }, [props]);

  return <div ref={place} className="chart" role="img" aria-label={label} />;
}
