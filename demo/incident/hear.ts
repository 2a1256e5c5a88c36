import assert from 'node:assert/strict';
import type { Organization } from '../cast.ts';
import type { Course, Stage } from './stage.ts';
import { servicesOf, type World } from './world.ts';

/** What a sender's own feed says of the watch over what it has sent. */
export interface Heard {
  readonly id: string;
  readonly type: string;
  readonly resourceinstance: string;
  readonly time: string;
  readonly data: { readonly step?: string; readonly cause?: string };
}

const types = ['no-opener', 'step-taken', 'unread', 'decision-needed', 'opener-found', 'decided'].map(
  (name) => `no.budstikke.watch.${name}`,
);
const pageSize = 1000;

/** The feeds of all senders, each read on from where it was. */
export function createFeeds({ as }: Stage, { districts, city }: World, courses: readonly Course[]) {
  const places = new Map<Organization, string>([...districts, city].map((sender) => [sender, '0']));
  const byId = new Map<string, Course>();
  /** What had ended when its sender was last asked: nothing more is said of it. */
  const over = new Set<Course>();

  /** What is new. Answers how many shipments their senders were told of: that it is sent and who can open it, that it is unread, that a decision is needed. */
  const listen = async (): Promise<number> => {
    for (const course of courses) if (course.id) byId.set(course.id, course);
    const told = new Set<string>();
    const open = courses.filter((course) => course.id && !over.has(course));
    for (const sender of new Set(open.map(({ shipment }) => shipment.sender))) {
      for (const event of await readOn(sender)) if (note(event)) told.add(event.resourceinstance);
    }
    for (const course of open) if (course.ended) over.add(course);
    return told.size;
  };

  const readOn = async (sender: Organization): Promise<Heard[]> => {
    const client = await as(sender);
    const resource = `urn:altinn:resource:${servicesOf(sender).message}`;
    const all: Heard[] = [];
    for (;;) {
      const query = new URLSearchParams([
        ...Object.entries({ resource, after: places.get(sender)!, size: String(pageSize) }),
        ['subject', `urn:altinn:organization:identifier-no:${sender.number}`],
        ...types.map((type) => ['type', type] as [string, string]),
      ]);
      const answer = await client.get(`/events/api/v1/events?${query}`);
      assert.equal(answer.status, 200, answer.text.slice(0, 300));
      const page = answer.json<Heard[]>();
      all.push(...page);
      if (page.length > 0) places.set(sender, page.at(-1)!.id);
      if (page.length < pageSize) return all;
    }
  };

  /** Whether it is news: the first that is heard of a shipment, and all that asks something of its sender. */
  const note = ({ type, resourceinstance, time, data }: Heard): boolean => {
    const course = byId.get(resourceinstance);
    assert.ok(course, `an event about ${resourceinstance}, which nobody sent`);
    const isFirst = course.told === undefined;
    course.told ??= { type, cause: data.cause, at: time };
    if (course.locked && data.cause === 'attachment-locked') course.locked.isHeard = true;
    return isFirst || type.endsWith('.unread') || type.endsWith('.decision-needed');
  };
  return { listen };
}
