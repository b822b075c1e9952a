// Bytes a second in and out over the last minutes, by uPlot. The figures of now stand beside it as text, so that nobody
// needs to see the lines.

import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { overviewMessages } from './messages.ts';
import type { PulsePoint } from './network-pulse.ts';

const HEIGHT_PX = 210;
const COLORS = {
  light: { text: '#495057', grid: '#e9ecef', out: '#0b7285', into: '#c2570c' },
  dark: { text: '#c1c2c5', grid: '#373a40', out: '#3bc9db', into: '#ffa94d' },
} as const;

function dataOf(points: readonly PulsePoint[]): UPlot.AlignedData {
  return [
    points.map(({ at }) => at),
    points.map(({ outPerS }) => outPerS),
    points.map(({ inPerS }) => inPerS),
  ];
}

export interface TrafficChartProps {
  readonly points: readonly PulsePoint[];
  readonly label: string;
}

export function TrafficChart({ points, label }: TrafficChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(null);
  const latest = useRef(points);
  const formats = useFormats();
  const text = useText(overviewMessages);
  const scheme = useComputedColorScheme('light');

  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const colors = COLORS[scheme];
    const axis = { stroke: colors.text, grid: { stroke: colors.grid, width: 1 }, ticks: { show: false } };
    const line = (name: string, stroke: string): UPlot.Series => ({
      ...{ label: name, stroke, width: 2, points: { show: false } },
      value: (_plot, value) => (typeof value === 'number' ? formats.bytesPerSecond(value) : '–'),
    });
    const made = new UPlot(
      {
        ...{ width: element.clientWidth, height: HEIGHT_PX, cursor: { y: false } },
        scales: { y: { range: (_plot, _min, max) => [0, Math.max(max * 1.15, 100)] } },
        axes: [
          { ...axis, values: (_plot, marks) => marks.map((mark) => formats.time(mark * 1000)), space: 110 },
          { ...axis, values: (_plot, marks) => marks.map((mark) => formats.bytesPerSecond(mark)), size: 78 },
        ],
        series: [
          {
            label: text.when,
            value: (_plot, value) => (typeof value === 'number' ? formats.time(value * 1000) : '–'),
          },
          line(text.out, colors.out),
          line(text.in, colors.into),
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
  }, [formats, text, scheme]);

  useEffect(() => {
    latest.current = points;
    plot.current?.setData(dataOf(points));
  }, [points]);

  return <div ref={place} className="chart" role="img" aria-label={label} />;
}
