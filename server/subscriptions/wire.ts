import Type, { type Static } from 'typebox';
import { Nullable, oneOf, personal, Timestamp, Uuid } from '#kernel/schema.ts';

const Filter = Type.Optional(Nullable(Type.String({ maxLength: 500 })));

export const mediaTypes = ['application/cloudevents+json', 'application/json'] as const;
export type MediaType = (typeof mediaTypes)[number];
const MediaTypeName = Type.Unsafe<MediaType>(Type.String({ enum: [...mediaTypes] }));

/** What a subscriber asks for. Source: compatibility.md, platform, §4.2. `mediaType` is ours. */
export const SubscriptionRequest = Type.Object({
  endPoint: Type.Optional(Nullable(Type.String({ maxLength: 2000 }))),
  sourceFilter: Filter,
  resourceFilter: Filter,
  subjectFilter: Type.Optional(Nullable(personal(Type.String({ maxLength: 500 })))),
  alternativeSubjectFilter: Type.Optional(Nullable(personal(Type.String({ maxLength: 500 })))),
  typeFilter: Filter,
  includeSubunits: Type.Optional(Nullable(Type.Boolean())),
  mediaType: Type.Optional(Nullable(MediaTypeName)),
});
export type SubscriptionRequest = Static<typeof SubscriptionRequest>;

const members = {
  id: Type.Integer(),
  endPoint: Type.String(),
  sourceFilter: Nullable(Type.String()),
  resourceFilter: Type.String(),
  subjectFilter: Nullable(personal(Type.String())),
  alternativeSubjectFilter: Nullable(personal(Type.String())),
  typeFilter: Nullable(Type.String()),
  includeSubunits: Type.Boolean(),
  consumer: Type.String(),
  createdBy: Type.String(),
  created: Timestamp,
  validated: Type.Boolean(),
};

/** A subscription as clients of the original know it. */
export const SubscriptionView = Type.Object(members);
export type SubscriptionView = Static<typeof SubscriptionView>;

export const SubscriptionList = Type.Object({ count: Type.Integer(), subscriptions: Type.Array(SubscriptionView) });

export const SubscriptionParams = Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) });

export const subscriptionStates = ['Unvalidated', 'Active', 'Paused'] as const;
export const deliveryStates = ['Pending', 'Delivered', 'GivenUp', 'Withheld'] as const;

/** A subscription with what is known of its deliveries. */
export const SubscriptionStatus = Type.Object({
  ...members,
  mediaType: MediaTypeName,
  state: oneOf(subscriptionStates),
  lastNumber: Type.Integer({ minimum: 0, description: 'The number of the newest event for it.' }),
  pending: Type.Integer({ minimum: 0, description: 'Events that wait to be delivered, counted up to 1000.' }),
  failures: Type.Integer({ minimum: 0, description: 'Attempts in a row that failed.' }),
  failingSince: Nullable(Timestamp),
  nextAttemptAt: Nullable(Timestamp),
  pausedAt: Nullable(Timestamp),
  madeBy: Nullable(personal(Type.String({ description: 'The person who made it for the organization in the web app.' }))),
});
export type SubscriptionStatus = Static<typeof SubscriptionStatus>;

export const SubscriptionStatuses = Type.Object({ subscriptions: Type.Array(SubscriptionStatus) });

/** What the endpoint checks signatures with. It is shown this once. */
export const Secret = Type.Object({ secret: Type.String() });
export const NewSubscription = Type.Object({ ...SubscriptionStatus.properties, secret: Nullable(Type.String()) });

export const DeliveryQuery = Type.Object({
  after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  state: Type.Optional(oneOf(deliveryStates)),
  /** Oldest first when left out. */
  sort: Type.Optional(oneOf(['oldest', 'newest'])),
});
export type DeliveryQuery = Static<typeof DeliveryQuery>;

export const DeliveryLog = Type.Object({
  deliveries: Type.Array(
    Type.Object({
      number: Type.Integer(),
      eventId: Uuid,
      type: Type.String(),
      resourceInstance: Type.String(),
      at: Timestamp,
      state: oneOf(deliveryStates),
      attempts: Type.Integer(),
      lastAnswer: Nullable(Type.String()),
      nextAttemptAt: Nullable(Timestamp),
      changedAt: Timestamp,
    }),
  ),
  /** Give it back as `after` to go on; null when there is no more. */
  next: Nullable(Type.Integer()),
});
export type DeliveryLog = Static<typeof DeliveryLog>;

export const ReplayRequest = Type.Object({ from: Timestamp, to: Type.Optional(Nullable(Timestamp)) });
export type ReplayRequest = Static<typeof ReplayRequest>;

/** How many events are delivered again, and how many for the first time. */
export const Replayed = Type.Object({ again: Type.Integer(), added: Type.Integer() });

/** What the endpoint answered to a test: `200`, or why there was no answer. */
export const Tested = Type.Object({ eventId: Uuid, isTaken: Type.Boolean(), answer: Type.String(), tookMillis: Type.Integer() });

export const EventsQuery = Type.Object({
  resource: Type.Optional(Type.String({ maxLength: 500 })),
  after: Type.Optional(Type.String({ maxLength: 100 })),
  subject: Type.Optional(personal(Type.String({ maxLength: 500 }))),
  type: Type.Optional(Type.Union([Type.Array(Type.String({ maxLength: 200 }), { maxItems: 50 }), Type.String({ maxLength: 200 })])),
  size: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
});
export type EventsQuery = Static<typeof EventsQuery>;

export const CloudEvents = Type.Array(
  Type.Object({
    id: Uuid,
    specversion: Type.Literal('1.0'),
    type: Type.String(),
    source: Type.String(),
    subject: personal(Type.String()),
    time: Timestamp,
    resource: Type.String(),
    resourceinstance: Type.String(),
    alternativesubject: Type.Optional(personal(Type.String())),
    datacontenttype: Type.Optional(Type.String()),
    data: Nullable(Type.Object({}, { additionalProperties: true })),
  }),
);
