// Which live events a reader wants: by topic, and by what they are about.

import { type LogEvent } from '../observe/log-event.ts';

/** Fields of an event that can be asked for; each is also the name of its query parameter. */
export const EVENT_FIELDS = ['account', 'mountpoint', 'address', 'reason'] as const;

/** Of each list one must fit; an empty list fits everything. */
export type EventFilter = Readonly<Record<(typeof EVENT_FIELDS)[number] | 'topics', readonly string[]>>;

/**
 * Topics may come as `a,b` or one by one. A topic is the name of an event, or its beginning up to an underscore:
 * `session` stands for `session_opened` and `session_closed`.
 */
export function makeEventFilter(given: EventFilter): EventFilter {
  const topics = given.topics.flatMap((text) => text.split(',')).filter((topic) => topic !== '');
  return { ...given, topics };
}

export function fitsFilter({ event, fields }: LogEvent, filter: EventFilter): boolean {
  if (filter.topics.length > 0 && !filter.topics.some((topic) => isOfTopic(event, topic))) return false;
  return EVENT_FIELDS.every((name) => {
    const value = fields[name];
    return filter[name].length === 0 || (value !== undefined && filter[name].includes(String(value)));
  });
}

function isOfTopic(event: string, topic: string): boolean {
  return event.startsWith(topic) && (event.length === topic.length || event[topic.length] === '_');
}
