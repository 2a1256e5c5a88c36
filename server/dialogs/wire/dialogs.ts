import Type, { type Static } from 'typebox';
import { Nullable, personal, Timestamp, Uuid } from '#kernel/schema.ts';
import { DialogStatus, SystemLabelName } from './enums.ts';
import {
  Activity,
  ApiAction,
  Attachment,
  ContentValue,
  EndUserContext,
  GuiAction,
  nullableText,
  nullableTime,
  Seen,
  Transmission,
} from './parts.ts';

/** What a list and a dialog both tell. */
const common = {
  id: Uuid,
  revision: Uuid,
  org: Type.String(),
  serviceResource: Type.String(),
  serviceResourceType: Type.String(),
  party: personal(Type.String()),
  progress: Type.Null(),
  process: nullableText,
  precedingProcess: Type.Null(),
  extendedStatus: Type.Null(),
  externalReference: nullableText,
  createdAt: Timestamp,
  updatedAt: Timestamp,
  contentUpdatedAt: Timestamp,
  dueAt: nullableTime,
  status: DialogStatus,
  hasUnopenedContent: Type.Boolean(),
  isContentSeen: Type.Boolean(),
  systemLabel: SystemLabelName,
  isApiOnly: Type.Boolean(),
  fromServiceOwnerTransmissionsCount: Type.Integer(),
  fromPartyTransmissionsCount: Type.Integer(),
  seenSinceLastUpdate: Type.Array(Seen),
  seenSinceLastContentUpdate: Type.Array(Seen),
  endUserContext: EndUserContext,
};
const heading = {
  title: ContentValue,
  summary: Nullable(ContentValue),
  senderName: Nullable(ContentValue),
  extendedStatus: Type.Null(),
};

const { revision: _, ...inList } = common;
export const DialogListItem = Type.Object({
  ...inList,
  guiAttachmentCount: Type.Integer(),
  latestActivity: Nullable(Activity),
  content: Type.Object(heading),
});
export type DialogListItem = Static<typeof DialogListItem>;

export const DialogList = Type.Object({
  items: Type.Array(DialogListItem),
  hasNextPage: Type.Boolean(),
  continuationToken: nullableText,
  orderBy: Type.String(),
});
export type DialogList = Static<typeof DialogList>;

export const DialogView = Type.Object({
  ...common,
  expiresAt: Type.Null(),
  content: Type.Object({ ...heading, additionalInfo: Type.Null(), mainContentReference: ContentValue }),
  dialogToken: nullableText,
  attachments: Type.Array(Attachment),
  transmissions: Type.Array(Transmission),
  guiActions: Type.Array(GuiAction),
  apiActions: Type.Array(ApiAction),
  activities: Type.Array(Activity),
});
export type DialogView = Static<typeof DialogView>;
