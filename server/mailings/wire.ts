import Type, { type Static } from 'typebox';
import { LetterToMany, ownMembers } from '#correspondence/index.ts';
import { Enumeration, Nullable, personal, StringMap, Timestamp, Uuid } from '#kernel/schema.ts';

/** What clients of the bulk door send and read. The route is ours; a letter is described in the words of initialize. */
const count = Type.Integer({ minimum: 0 });

export const NewMailing = Type.Object({
  /** The same key with the same content answers the mailing that there is. */
  idempotencyKey: Uuid,
  correspondence: LetterToMany,
  existingAttachments: Type.Optional(Nullable(Type.Array(Uuid, { maxItems: 100 }))),
});
export type NewMailing = Static<typeof NewMailing>;

export const MailingParams = Type.Object({ mailingId: Uuid });
export const MailingStateName = Enumeration('MailingState', { Open: 0, Released: 1, Paused: 2, Cancelled: 3, Finished: 4 });

const ByClass = Type.Object({ UNREACHABLE: count, GRANTABLE: count, COLD: count, REACHABLE: count, PROVEN: count });

/** Those where nobody may come to open it: their sender chooses. */
const LeftOut = Type.Array(Enumeration('DoubtfulClass', { UNREACHABLE: 0, GRANTABLE: 1, COLD: 2 }), { maxItems: 3 });

export const MailingView = Type.Object({
  mailingId: Uuid,
  state: MailingStateName,
  /** Why it was paused by itself. */
  stalledBy: Nullable(Type.String()),
  resourceId: Type.String(),
  sendersReference: Type.String(),
  createdAt: Timestamp,
  /** The line to continue from: all before it are taken for good. */
  nextLine: Type.Integer({ minimum: 1 }),
  counts: Type.Object({
    received: count,
    /** Taken to be sent. `received` = `staged` + `refused`. */
    staged: count,
    refused: count,
    sent: count,
    /** Of those sent. */
    published: count,
    /** Staged and not sent; after a cancellation they never will be. */
    unsent: count,
  }),
  /** How likely it is that those staged open the letter, by class. */
  openability: ByClass,
  check: Type.Object({ askedAt: Nullable(Timestamp), done: Type.Boolean() }),
  release: Type.Object({
    at: Nullable(Timestamp),
    firstSentAt: Nullable(Timestamp),
    lastSentAt: Nullable(Timestamp),
    messagesPerSecond: Nullable(count),
    /** Whoever is of these classes when it would be sent is left out, and stands among the errors. */
    leaveOut: LeftOut,
  }),
  endedAt: Nullable(Timestamp),
});
export type MailingView = Static<typeof MailingView>;

/** What every recipient is sent, with the places that each line fills as they were written. */
export const MailingLetter = Type.Object({
  language: Nullable(Type.String()),
  title: personal(Type.String()),
  body: personal(Type.String()),
  /** The same in other languages. */
  translations: Type.Array(Type.Object({ language: Type.String(), title: personal(Type.String()), body: personal(Type.String()) })),
  confirmNeeded: Type.Boolean(),
  confidential: Type.Boolean(),
  dueAt: Nullable(Timestamp),
  attachments: count,
});
export type MailingLetter = Static<typeof MailingLetter>;

export const MailingListQuery = Type.Object({ after: Type.Optional(Uuid) });
export const MailingList = Type.Object({
  mailings: Type.Array(
    Type.Object({
      mailingId: Uuid,
      state: MailingStateName,
      resourceId: Type.String(),
      sendersReference: Type.String(),
      createdAt: Timestamp,
      received: count,
    }),
  ),
  /** Give it as `after` for the next page; null on the last. */
  next: Nullable(Uuid),
});
export type MailingList = Static<typeof MailingList>;

export const UploadQuery = Type.Object({ from: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) });
export const Receipt = Type.Object({ nextLine: Type.Integer({ minimum: 1 }), staged: count, refused: count });
export type Receipt = Static<typeof Receipt>;

export const LineQuery = Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })) });
const nextLine = Nullable(Type.Integer());
export const LineErrors = Type.Object({
  errors: Type.Array(
    Type.Object({
      line: Type.Integer(),
      code: Type.String(),
      errorCode: Type.Integer(),
      text: Type.String(),
      /** The member or field of the line that is meant. */
      field: Nullable(Type.String()),
    }),
  ),
  next: nextLine,
});
export type LineErrors = Static<typeof LineErrors>;

export const SentLines = Type.Object({
  messages: Type.Array(Type.Object({ line: Type.Integer(), correspondenceId: Uuid })),
  next: nextLine,
});
export type SentLines = Static<typeof SentLines>;

export const Release = Type.Object({
  /** When sending begins; now when left out or passed. */
  at: Type.Optional(Nullable(Timestamp)),
  /** How many lines the client has sent: refused where others were received. */
  expectedLines: Type.Optional(Nullable(count)),
  /** Whoever is of these classes when it would be sent is not sent it. Left out: as said before, else nobody. */
  leaveOut: Type.Optional(Nullable(LeftOut)),
});
export type Release = Static<typeof Release>;

/** One line of the recipients. */
export const RecipientLine = Type.Object({
  recipient: personal(Type.String({ minLength: 1, maxLength: 255 })),
  ...ownMembers,
  sendersReference: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 4096 }))),
  fields: Type.Optional(Nullable(personal(StringMap))),
});
export type RecipientLine = Static<typeof RecipientLine>;
