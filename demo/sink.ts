import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A letter as a mail server takes it in. */
export interface Mail {
  readonly messageId: string;
  /** Addresses of the envelope, in lower case: what a mail server delivers to, whatever the headers say. */
  readonly to: readonly string[];
  readonly subject: string;
  /** The plain text; of a mail with HTML only, its text. */
  readonly text: string;
  /** The mail as it came over the wire, headers and all. */
  readonly source: string;
  readonly receivedAt: Date;
}

/** A mail server on loopback that accepts everything and hands nothing on. */
export interface MailSink {
  /** For BUDSTIKKE_SMTP_URL. */
  readonly url: string;
  /** All that has come, oldest first. */
  readonly mails: readonly Mail[];
  close(): Promise<void>;
}

export async function startMailSink(): Promise<MailSink> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address.toLowerCase());
        read(Buffer.concat(chunks), to).then(
          (mail) => {
            mails.push(mail);
            done();
          },
          (error: Error) => done(error),
        );
      });
    },
  });
  // A client that is killed in the middle of a mail is no fault of the sink.
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, mails, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function read(source: Buffer, to: readonly string[]): Promise<Mail> {
  const parsed = await simpleParser(source);
  return {
    messageId: parsed.messageId ?? '',
    to,
    subject: parsed.subject ?? '',
    text: parsed.text ?? '',
    source: source.toString('utf8'),
    receivedAt: new Date(),
  };
}
