import type { Context } from '#kernel/context.ts';
import { newId } from '#kernel/ids.ts';
import { createCaught, type MailPort, type SmsPort } from '#notifications/index.ts';
import { saveCaught } from './store.ts';

/** Carriers that keep what they are given for the outbox. Each hand-over is a row, a repeated one too. */
export function catchMessages(ctx: Pick<Context, 'db'>): { readonly mail: MailPort; readonly sms: SmsPort } {
  return createCaught((caught) => ctx.db.transaction(async (tx) => saveCaught(tx, [{ id: newId(), ...caught }])));
}
