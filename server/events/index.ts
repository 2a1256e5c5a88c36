export { type CloudEvent, sourceOf, toCloudEvent } from './cloud-event.ts';
export { forgetEvents } from './forget-events.ts';
export {
  type AltinnEvent,
  type AltinnEventOf,
  altinnEvents,
  altinnKind,
  type BrokerEvent,
  type BrokerRole,
  brokerEvents,
  brokerKind,
  type EventSubject,
} from './kinds.ts';
export {
  type EventPage,
  type EventsOfResource,
  eventsBetween,
  findEvents,
  listEvents,
  listEventsOf,
  pageOfEvents,
  placeOfEvent,
} from './list-events.ts';
export { numberEvents } from './number-events.ts';
export { type AlikeEvents, publishAlikeEvents } from './publish-alike.ts';
export { type EventRow, publishEvents } from './publish-events.ts';
export { eventsAfter, isAnyUntold, listRowsAfter as numberedAfter, type NumberedRow, type OutboxRow } from './store.ts';
