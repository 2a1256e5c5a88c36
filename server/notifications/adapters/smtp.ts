import { createTransport } from 'nodemailer';
import { type Log, silentLog } from '#kernel/log.ts';
import { isOneMailbox } from '../email-address.ts';
import { type HandOver, type MailPort, type RefusedReason, shortAnswer } from '../ports.ts';
import { inOnePiece } from './in-one-piece.ts';

export interface SmtpOptions {
  /** `smtp://user:password@host:587` or `smtps://…`. */
  readonly url: string;
  readonly maxConnections?: number;
  readonly timeoutMillis?: number;
  readonly log?: Log;
}

/**
 * Mail over SMTP, connections kept open. The server's permanent no (5xx) to this mail is a refusal; its not-yet (4xx), a
 * lost connection, a failed login and a no to the address that mail comes from are `later`. The last two concern all mail, and are said in
 * the log once, until the server takes a mail again. An address that could smuggle in a second one, or a header, is refused
 * here and no server hears of it.
 */
export function createSmtpMail({
  url,
  maxConnections = 5,
  timeoutMillis = 20_000,
  log = silentLog,
}: SmtpOptions): MailPort & { close(): void } {
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
  let isRefused = false;
  const taken = () => {
    if (isRefused) log.info({}, 'the mail server takes mail again');
    isRefused = false;
  };
  const tellOnce = ({ responseCode, command }: SmtpError) => {
    if (!isRefused)
      log.error({ responseCode, command }, 'the mail server refuses our login or the address that mail comes from: no mail goes');
    isRefused = true;
  };
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
        taken();
        return { kind: 'handed-over', answer: shortAnswer(sent.response) };
      } catch (error) {
        if (isAboutUs(error as SmtpError)) tellOnce(error as SmtpError);
        return judge(error as SmtpError);
      }
    },
    close: () => transport.close(),
  };
}

function addressIn(from: string): string {
  return /<([^<>]+)>$/.exec(from)?.[1] ?? from;
}

/** As the library throws it. */
interface SmtpError {
  readonly responseCode?: number;
  readonly response?: string;
  readonly code?: string;
  readonly message?: string;
  /** The one that it was the answer to. */
  readonly command?: string;
}

/** Only a server's answer to this very mail can refuse it; what is about us concerns all mail, and passes. */
function judge(error: SmtpError): HandOver {
  const { responseCode, response, code, message } = error;
  const answer = shortAnswer(response ?? `${code ?? ''} ${message ?? ''}`);
  const aboutThisMail = (code === 'EENVELOPE' || code === 'EMESSAGE') && !isAboutUs(error);
  if (!aboutThisMail || responseCode === undefined || responseCode < 500) return { kind: 'later', answer };
  return { kind: 'refused', answer, reason: reasonOf(responseCode, response ?? '') };
}

/**
 * The login is refused, or whom mail comes from: by the answer to `MAIL FROM`, or, where a server keeps that answer until the recipient is named, by its
 * enhanced code. Source: RFC 3463 §3.2, 5.1.7 and 5.1.8.
 */
function isAboutUs({ responseCode = 0, response = '', code, command }: SmtpError): boolean {
  if (responseCode < 500) return false;
  return code === 'EAUTH' || command === 'MAIL FROM' || /^\d{3}[ -]5\.1\.[78]\b/.test(response);
}

/** Source: RFC 3463 for the enhanced codes, RFC 5321 §4.2.3 for the plain ones. */
function reasonOf(code: number, response: string): RefusedReason {
  const enhanced = /\b5\.(\d+)\.(\d+)\b/.exec(response);
  if (enhanced?.[1] === '1') return 'address-rejected';
  if (enhanced) return enhanced[1] === '2' && enhanced[2] === '2' ? 'mailbox-full' : 'carrier-refused';
  if (code === 552) return 'mailbox-full';
  return code === 550 || code === 551 || code === 553 ? 'address-rejected' : 'carrier-refused';
}
