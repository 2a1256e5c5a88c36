export { type CloudEvent, toCloudEvent } from './cloud-event.ts';
export { type AltinnEvent, type AltinnEventOf, altinnEvents, altinnKind, type EventSubject } from './kinds.ts';
export { type EventPage, listEvents, listEventsOf } from './list-events.ts';
export { type AlikeEvents, publishAlikeEvents } from './publish-alike.ts';
export { type EventRow, publishEvents } from './publish-events.ts';
export type { OutboxRow } from './store.ts';
