import { createTransport } from 'nodemailer';
import { isOneMailbox } from '../email-address.ts';
import { type HandOver, type MailPort, type RefusedReason, shortAnswer } from '../ports.ts';
import { inOnePiece } from './in-one-piece.ts';

export interface SmtpOptions {
  /** `smtp://user:password@host:587` or `smtps://…`. */
  readonly url: string;
  readonly maxConnections?: number;
  readonly timeoutMillis?: number;
}

/**
 * Mail over SMTP, connections kept open. The server's permanent no (5xx) to this mail is a refusal; its not-yet (4xx), a
 * lost connection and a failed login are `later`. An address that could smuggle in a second one, or a header, is refused
 * here and no server hears of it.
 */
export function createSmtpMail({ url, maxConnections = 5, timeoutMillis = 20_000 }: SmtpOptions): MailPort & { close(): void } {
  const transport = createTransport({
    pool: true,
    url,
    maxConnections,
    connectionTimeout: timeoutMillis,
    greetingTimeout: timeoutMillis,
    socketTimeout: timeoutMillis,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  transport.use('stream', inOnePiece);
  return {
    async send({ messageId, from, to, subject, body, html, attachments = [] }) {
      if (!isOneMailbox(to)) return { kind: 'refused', answer: 'not an e-mail address', reason: 'address-rejected' };
      try {
        const sent = await transport.sendMail({
          messageId,
          from,
          to: { name: '', address: to },
          envelope: { from: addressIn(from), to: [to] },
          subject,
          ...(html ? { html: body } : { text: body }),
          attachments: attachments.map(({ fileName, mediaType, text }) => ({ filename: fileName, contentType: mediaType, content: text })),
          headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834: no out-of-office answers
        });
        return { kind: 'handed-over', answer: shortAnswer(sent.response) };
      } catch (error) {
        return judge(error);
      }
    },
    close: () => transport.close(),
  };
}

function addressIn(from: string): string {
  return /<([^<>]+)>$/.exec(from)?.[1] ?? from;
}

/** Only a server's answer to this very mail can refuse it; a refused login concerns all mail, and passes. */
function judge(error: unknown): HandOver {
  const { responseCode, response, code, message } = error as { responseCode?: number; response?: string; code?: string; message?: string };
  const answer = shortAnswer(response ?? `${code ?? ''} ${message ?? ''}`);
  const aboutThisMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  if (!aboutThisMail || responseCode === undefined || responseCode < 500) return { kind: 'later', answer };
  return { kind: 'refused', answer, reason: reasonOf(responseCode, response ?? '') };
}

/** Source: RFC 3463 for the enhanced codes, RFC 5321 §4.2.3 for the plain ones. */
function reasonOf(code: number, response: string): RefusedReason {
  const enhanced = /\b5\.(\d+)\.(\d+)\b/.exec(response);
  if (enhanced?.[1] === '1') return 'address-rejected';
  if (enhanced) return enhanced[1] === '2' && enhanced[2] === '2' ? 'mailbox-full' : 'carrier-refused';
  if (code === 552) return 'mailbox-full';
  return code === 550 || code === 551 || code === 553 ? 'address-rejected' : 'carrier-refused';
}
