import Type, { type Static } from 'typebox';
import { Nullable, personal, Timestamp, Uuid } from '#kernel/schema.ts';
import { ActivityType, ActorType, ConsumerType, HttpVerb, Priority, SystemLabelName, TransmissionType } from './enums.ts';

/** The parts that lists and dialogs are made of; nulls are written. Source: compatibility.md, platform, §5.1. */
export const nullableText = Nullable(Type.String());
export const nullableTime = Nullable(Timestamp);

export const Localizations = Type.Array(Type.Object({ languageCode: Type.String(), value: personal(Type.String()) }));
export type Localizations = Static<typeof Localizations>;

export const ContentValue = Type.Object({ value: Localizations, mediaType: Type.String(), isAuthorized: Type.Boolean() });
export type ContentValue = Static<typeof ContentValue>;

export const Actor = Type.Object({
  actorType: ActorType,
  actorName: Nullable(personal(Type.String())),
  actorId: Nullable(personal(Type.String())),
});
export type Actor = Static<typeof Actor>;

export const Seen = Type.Object({
  id: Uuid,
  seenAt: Timestamp,
  seenBy: Actor,
  isViaServiceOwner: Type.Boolean(),
  isCurrentEndUser: Type.Boolean(),
});
export type Seen = Static<typeof Seen>;

const activity = {
  id: Uuid,
  createdAt: Timestamp,
  type: ActivityType,
  extendedType: Type.Null(),
  transmissionId: Nullable(Uuid),
  description: Localizations,
};
export const Activity = Type.Object({ ...activity, performedBy: Actor });
export type Activity = Static<typeof Activity>;
export const ActivityItem = Type.Object(activity);

export const EndUserContext = Type.Object({ revision: Uuid, systemLabels: Type.Array(SystemLabelName) });

export const Attachment = Type.Object({
  id: Uuid,
  displayName: Localizations,
  name: Nullable(personal(Type.String())),
  urls: Type.Array(Type.Object({ id: Uuid, url: Type.String(), mediaType: Type.String(), consumerType: ConsumerType })),
  expiresAt: nullableTime,
});
export type Attachment = Static<typeof Attachment>;

export const ApiAction = Type.Object({
  id: Uuid,
  action: Type.String(),
  authorizationAttribute: Type.Null(),
  isAuthorized: Type.Boolean(),
  name: Type.String(),
  endpoints: Type.Array(
    Type.Object({
      id: Uuid,
      version: Type.Null(),
      url: Type.String(),
      httpMethod: HttpVerb,
      documentationUrl: Type.Null(),
      requestSchema: Type.Null(),
      responseSchema: Type.Null(),
      deprecated: Type.Boolean(),
      sunsetAt: Type.Null(),
    }),
  ),
});
export type ApiAction = Static<typeof ApiAction>;

export const GuiAction = Type.Object({
  id: Uuid,
  action: Type.String(),
  url: Type.String(),
  authorizationAttribute: Type.Null(),
  isAuthorized: Type.Boolean(),
  isDeleteDialogAction: Type.Boolean(),
  priority: Priority,
  httpMethod: HttpVerb,
  title: Localizations,
  prompt: Nullable(Localizations),
});
export type GuiAction = Static<typeof GuiAction>;

export const Transmission = Type.Object({
  id: Uuid,
  createdAt: Timestamp,
  authorizationAttribute: Type.Null(),
  isAuthorized: Type.Boolean(),
  extendedType: Type.Null(),
  externalReference: nullableText,
  relatedTransmissionId: Type.Null(),
  type: TransmissionType,
  sender: Actor,
  isOpened: Type.Boolean(),
  content: Type.Object({ title: ContentValue, summary: Nullable(ContentValue), contentReference: ContentValue }),
  attachments: Type.Array(Attachment),
  navigationalActions: Type.Array(Type.Object({ title: Localizations, url: Type.String(), expiresAt: nullableTime })),
});
export type Transmission = Static<typeof Transmission>;
/** As the sub routes tell it, which know nothing of opening. */
export const TransmissionDetails = Type.Object({
  ...Type.Omit(Transmission, ['isOpened']).properties,
  deletedAt: Type.Null(),
});
export type TransmissionDetails = Static<typeof TransmissionDetails>;
