import Type, { type Static } from 'typebox';
import { Nullable, personal, Timestamp, Uuid } from '#kernel/schema.ts';
import type { Caught } from './store.ts';

export const CaughtMessage = Type.Object({
  id: Uuid,
  channel: Type.Union([Type.Literal('email'), Type.Literal('sms')]),
  messageId: Type.String({ description: 'Message-ID of a mail, the id of an SMS; the same when it was handed over twice.' }),
  from: Type.String(),
  to: personal(Type.String()),
  subject: Nullable(Type.String()),
  text: Type.String(),
  caughtAt: Timestamp,
});

export const OutboxPage = Type.Object({
  items: Type.Array(CaughtMessage),
  next: Nullable(Uuid),
});

export const OutboxQuery = Type.Object({
  address: Type.Optional(Type.String({ maxLength: 320, description: 'Only what went to this address.' })),
  before: Type.Optional(Uuid),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
});

export function toWire(caught: Caught): Static<typeof CaughtMessage> {
  const { id, channel, messageId, sender, address, subject, body, caughtAt } = caught;
  return { id, channel, messageId, from: sender, to: address, subject, text: body, caughtAt: caughtAt.toISOString() };
}
