import Type, { type Static } from 'typebox';
import { Nullable, oneOf, personal, Timestamp } from '#kernel/schema.ts';

const languages = ['nb', 'nn', 'en'] as const;
const channels = ['email', 'sms'] as const;

/** In which words a step of a ladder may tell somebody, and what becomes of them under what has happened since. */
export const previewedSteps = [
  'new-mail',
  'reminder',
  'reminder-confirm',
  'attachment-unlocked',
  'attachment-reminder',
  'sealed',
  'sealed-attachment',
  'key-roles',
  'fallback',
  'fallback-unread',
  'sender-unread',
  'sender-decision',
  'sender-failed',
] as const;

export const NoticePreviewRequest = Type.Object({
  resource: Type.String({ minLength: 1, maxLength: 255 }),
  step: oneOf(previewedSteps),
  recipient: oneOf(['person', 'organization']),
  recipientName: Type.Optional(
    personal(Type.String({ minLength: 1, maxLength: 200, description: 'An example stands in its place when left out.' })),
  ),
  dueAt: Type.Optional(Nullable(Timestamp)),
  languages: Type.Optional(Type.Array(oneOf(languages), { minItems: 1, maxItems: 3, description: 'All three when left out.' })),
  channels: Type.Optional(Type.Array(oneOf(channels), { minItems: 1, maxItems: 2, description: 'Both when left out.' })),
});
export type NoticePreviewRequest = Static<typeof NoticePreviewRequest>;

export const NoticePreview = Type.Object({
  notices: Type.Array(
    Type.Object({
      language: oneOf(languages),
      channel: oneOf(channels),
      /** Null: an SMS has none. */
      subject: Nullable(Type.String()),
      body: Type.String(),
    }),
  ),
});
export type NoticePreview = Static<typeof NoticePreview>;
