// Holds docs/events.md against the sources, both ways: every event that the program can record is listed with its
// level and fields, and nothing else is.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { codeFiles, projectRoot } from '../../tidy/project-files.ts';
import { tableOf } from '../platform/observe/markdown-table.ts';
import { type RecordedEvent, recordedEvents } from './recorded-events.ts';

const PAGE = 'events.md';
const CHAPTERS = [
  'Sessions',
  'Bases',
  'Connections',
  'Start, reload and stop',
  'Workers',
  'Accounts and the store',
  'Metering',
  'Vehicles',
  'Vehicles on MQTT',
  'Updates of vehicles',
  'HTTP',
  'The log itself',
];

interface ListedEvent {
  readonly name: string;
  readonly level: string;
  readonly fields: readonly string[];
}

const listed: readonly ListedEvent[] = CHAPTERS.flatMap((chapter) => tableOf(PAGE, `## ${chapter}`)).map(
  ([name = '', level = '', fields = '']) => ({
    name,
    level,
    fields: fields === '' ? [] : fields.split(', '),
  }),
);
const recorded: readonly RecordedEvent[] = codeFiles
  .filter((file) => /^(caster|workers|platform|licensing|cli)\/|^main\.ts$/.test(file.path))
  .flatMap(recordedEvents);

const of = (name: string): RecordedEvent[] => recorded.filter((event) => event.name === name);
const names = [...new Set(recorded.map(({ name }) => name))];

test('the sources name events', () => {
  expect(names.length).toBeGreaterThan(20);
});

test('the page lists exactly the events that the sources name, each once', () => {
  expect(listed.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
});

test('the chapters that are read are all there are', () => {
  const text = readFileSync(path.join(projectRoot, 'docs', PAGE), 'utf8');
  const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual([...CHAPTERS, 'Fields']);
});

describe.each(listed)('the event $name', ({ name, level, fields }) => {
  test('has the level that the sources give it', () => {
    const levels = new Set(of(name).map((event) => event.level));
    const known = [...levels].filter((one) => one !== undefined);
    // A level that is only known when it happens is told in words.
    expect(levels.has(undefined) ? level.includes(' ') : known.join(', ') === level).toBe(true);
  });

  test('has the fields that the sources give it', () => {
    const events = of(name);
    const given = new Set(events.flatMap((event) => [...event.fields]));
    const missing = [...given].filter((field) => !fields.includes(field));
    const surplus = events.some(({ open }) => open) ? [] : fields.filter((field) => !given.has(field));
    expect({ missing, surplus }).toEqual({ missing: [], surplus: [] });
  });

  test('is named in snake_case, the thing first', () => {
    expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });
});

test('the page explains exactly the fields that its events have', () => {
  const explained = tableOf(PAGE, '## Fields').map(([field]) => field);
  const used = [...new Set(listed.flatMap(({ fields }) => fields))];
  expect(explained).toEqual(used.toSorted());
});

describe('the search in the sources', () => {
  const found = (text: string, file = 'workers/a.ts'): RecordedEvent[] =>
    recordedEvents({ path: file, text });

  test.each([
    ['record', `this.#journal.record('warn', 'it_happened', { a: 1 });`],
    ['recordSampled', `journal.recordSampled(key, 'warn', 'it_happened', { a: 1 });`],
    ['log', `this.#house.log('warn', 'it_happened', { a: 1 });`],
  ])('finds an event behind %s', (_how, text) => {
    expect(found(text)).toMatchObject([
      { name: 'it_happened', level: 'warn', fields: new Set(['a']), open: false },
    ]);
  });

  test('finds fields behind a constant, and takes away what is undefined', () => {
    const text = `function f() { const b = { a: 1, c }; j.record(level, 'it_happened', { ...b, a: undefined, d: 2 }); }`;
    expect(found(text)).toMatchObject([{ level: undefined, fields: new Set(['c', 'd']), open: false }]);
  });

  test('says so where there may be more fields than the text names', () => {
    expect(found(`function f(b) { j.record('info', 'it_happened', { ...b, d: 2 }); }`)).toMatchObject([
      { open: true },
    ]);
  });

  test('adds the worker’s number to what a worker logs', () => {
    const [event] = found(`house.log('info', 'it_happened', {});`, 'caster/net/a.ts');
    expect(event?.fields).toEqual(new Set(['worker']));
  });

  test('passes over what names no event', () => {
    expect(found(`journal.record(level, event, fields); Math.log(2); console.log('a', 'b');`)).toEqual([]);
  });
});
