import type { Context } from '#kernel/context.ts';
import type { HandOver, MailPort, SmsPort } from '../ports.ts';
import { type ClaimedNotice, textOf } from '../store/delivery.ts';
import { waits } from './decide-delivery.ts';

export interface DeliveryContext extends Context {
  readonly mail: MailPort;
  readonly sms: SmsPort;
  /** The address that mail comes from; its domain stands in every Message-ID. */
  readonly mailFrom: string;
}

/**
 * Hands a notice to its carrier, unless something says why not: that is asked first, and once more when the carrier's turn has come,
 * which may be long in coming. Never throws for a carrier.
 */
export async function handOverUnless<WhyNot>(
  ctx: DeliveryContext,
  notice: ClaimedNotice,
  whyNot: () => Promise<WhyNot | undefined>,
): Promise<HandOver | WhyNot> {
  const hindered = await whyNot();
  if (hindered !== undefined) return hindered;
  // The attempt before the last never came to an end, and neither did those before it: this notice ends its process.
  if (notice.attempts > waits.length + 1) return { kind: 'later', answer: 'no attempt came to an end' };
  const send = await inTurn(ctx, notice);
  return (await whyNot()) ?? (await send());
}

/** Waits for its turn; what goes wrong until then is said when it is sent. */
async function inTurn(ctx: DeliveryContext, notice: ClaimedNotice): Promise<() => Promise<HandOver>> {
  const troubled = (error: unknown): HandOver => {
    ctx.log.error(
      { notice: notice.id, error: error instanceof Error ? error.name : 'unknown' },
      'a notice could not be opened, or a carrier threw',
    );
    return { kind: 'later', answer: 'the carrier could not be asked' };
  };
  try {
    const send = await sendingOf(ctx, notice);
    return () => send().catch(troubled);
  } catch (error) {
    return async () => troubled(error);
  }
}

async function sendingOf({ db, mail, sms, mailFrom: from }: DeliveryContext, notice: ClaimedNotice): Promise<() => Promise<HandOver>> {
  const { subject, body } = await textOf(db, notice);
  const { id, channel, messageId, address: to, html } = notice;
  if (channel === 'sms') {
    const send = sms.inTurn ? await sms.inTurn() : (each: Parameters<SmsPort['send']>[0]) => sms.send(each);
    return async () => send({ id, to, text: body });
  }
  const send = mail.inTurn ? await mail.inTurn() : (each: Parameters<MailPort['send']>[0]) => mail.send(each);
  return async () => send({ messageId, from, to, subject: subject ?? '', body, html });
}
