import Type, { type Static } from 'typebox';
import { Nullable, personal, Timestamp, Uuid } from '#kernel/schema.ts';

const flag = Type.Optional(Type.Boolean());

export const InboxQuery = Type.Object({
  /** Whose post; of all that the caller acts for when left out. */
  party: Type.Optional(Uuid),
  folder: Type.Optional(Type.Enum(['inbox', 'archive', 'bin'])),
  /** Words in titles, senders and texts, in Norwegian or English; "in quotes" for words that stand together, -word for one that must not be there. */
  q: Type.Optional(Type.String({ maxLength: 200 })),
  unread: flag,
  due: flag,
  confirm: flag,
  confidential: flag,
  label: Type.Optional(Type.String({ maxLength: 40 })),
  /** `due`: what has a due date, the first first. */
  sort: Type.Optional(Type.Enum(['newest', 'oldest', 'due'])),
  after: Type.Optional(Type.String({ maxLength: 300 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
});
export type InboxQuery = Static<typeof InboxQuery>;

export const InboxItem = Type.Object({
  id: Uuid,
  kind: Type.Enum(['message', 'file']),
  /** Null where a higher level of login is needed to open it. */
  title: Nullable(personal(Type.String())),
  titleLanguage: Nullable(Type.String()),
  sender: Type.Object({ name: Type.String() }),
  recipient: Type.Object({ id: Uuid, name: personal(Type.String()) }),
  publishedAt: Timestamp,
  dueAt: Nullable(Timestamp),
  unread: Type.Boolean(),
  openedAt: Nullable(Timestamp),
  confirmNeeded: Type.Boolean(),
  confirmedAt: Nullable(Timestamp),
  confidential: Type.Boolean(),
  attachmentCount: Type.Integer(),
  labels: Type.Array(Type.String()),
  folder: Type.Enum(['inbox', 'archive', 'bin']),
  archived: Type.Boolean(),
  canOpen: Type.Boolean(),
  /** The level of login that is missing. */
  levelNeeded: Nullable(Type.Integer()),
});
export type InboxItem = Static<typeof InboxItem>;

export const InboxEntry = Type.Object({
  ...InboxItem.properties,
  /** Whether it was shared with the caller, who may read it and no more: no folders, no labels. */
  readsOnly: Type.Boolean(),
  /** Whether the caller, by what it may give, can let somebody else read it. */
  mayShare: Type.Boolean(),
  /** Names of who leads the organization, for one who may read it and not share it. */
  askToShare: Type.Array(personal(Type.String())),
  /** The files that can be fetched; all that can has been looked through. */
  attachments: Type.Array(Type.Object({ id: Uuid, sizeBytes: Type.Integer({ minimum: 0 }) })),
  /** In which languages it can be read beside the one it was sent in; none of what the caller cannot open. */
  translatedTo: Type.Array(Type.String()),
});
export type InboxEntry = Static<typeof InboxEntry>;

/** Why a message is not to be seen by one who acts for its receiver. */
export const Absence = Type.Object({
  /** `soon`: it has just come, and will be here in a moment. */
  why: Type.Enum(['no-right', 'recalled', 'deleted', 'expired', 'soon']),
  sender: Type.String(),
  recipient: Type.Object({ id: Uuid, name: personal(Type.String()) }),
  publishedAt: Timestamp,
  /** When it was taken away, if it was. */
  goneAt: Nullable(Timestamp),
  /** Whether the caller could give the right, to itself too. */
  mayGive: Type.Boolean(),
  /** Names of people who could give the right, or who lead the organization. */
  ask: Type.Array(personal(Type.String())),
});
export type Absence = Static<typeof Absence>;

export const InboxList = Type.Object({
  items: Type.Array(InboxItem),
  /** Give it as `after` to read on, also when the page came short; null at the end. */
  next: Nullable(Type.String()),
});
export type InboxList = Static<typeof InboxList>;

export const CountQuery = Type.Object({ party: Uuid });
const count = Type.Integer({ minimum: 0 });
export const InboxCounts = Type.Object({
  ...{ unread: count, due: count, confirm: count, confidential: count, sealed: count, archive: count, bin: count },
});
export type InboxCounts = Static<typeof InboxCounts>;

export const WordList = Type.Object({ labels: Type.Array(Type.Object({ word: personal(Type.String()), count })) });
export type WordList = Static<typeof WordList>;

export const EntryParams = Type.Object({ id: Uuid });
export const SeenByQuery = Type.Object({ after: Type.Optional(Uuid) });

const words = Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 40 }), { maxItems: 20 }));
export const LabelChange = Type.Object({ add: words, remove: words });
export type LabelChange = Static<typeof LabelChange>;
/** The words that stand now; `archive`, `bin` and `unread` are told by the entry itself. */
export const LabelsNow = Type.Object({ labels: Type.Array(Type.String()) });
export type LabelsNow = Static<typeof LabelsNow>;

export const Share = Type.Object({
  nationalIdentityNumber: personal(Type.String({ pattern: '^\\d{11}$' })),
  lastName: personal(Type.String({ minLength: 1, maxLength: 200 })),
  until: Type.Optional(Nullable(Timestamp)),
  reason: Type.Optional(Nullable(personal(Type.String({ maxLength: 1000 })))),
});
export type Share = Static<typeof Share>;

export const PartyQuery = Type.Object({
  /** In a name, or the beginning of an organization number. */
  q: Type.Optional(personal(Type.String({ maxLength: 200 }))),
  id: Type.Optional(Type.String({ format: 'uuid', description: 'This one alone, where the person acts for it.' })),
  number: Type.Optional(
    Type.String({ pattern: '^\\d{9}$', description: 'The organization with this number alone, as links in notices name it.' }),
  ),
  sends: Type.Optional(Type.Boolean({ description: 'Those alone for whom the person sends.' })),
  sealed: Type.Optional(Type.Boolean({ description: 'Those alone with sealed post to which the person could give access.' })),
  after: Type.Optional(Uuid),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
});
export type PartyQuery = Static<typeof PartyQuery>;

export const PartyPage = Type.Object({
  parties: Type.Array(
    Type.Object({
      id: Uuid,
      kind: Type.Enum(['person', 'organization', 'subunit']),
      /** Of an organization. */
      number: Nullable(Type.String()),
      name: personal(Type.String()),
      parent: Nullable(Uuid),
      unread: count,
      sealed: count,
      /** Gives access to others there. */
      administers: Type.Boolean(),
      /** Owns services that it administers. */
      sends: Type.Boolean(),
    }),
  ),
  next: Nullable(Uuid),
});
export type PartyPage = Static<typeof PartyPage>;

export const ChangesQuery = Type.Object({ party: Type.Optional(Uuid) });
