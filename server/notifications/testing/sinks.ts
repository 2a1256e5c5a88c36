import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';

export interface SmtpSink {
  readonly url: string;
  /** What was taken with a 250. */
  readonly mails: ParsedMail[];
  /** Every Message-ID whose content arrived, taken or not. */
  readonly seen: string[];
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
}

export interface SmtpAnswers {
  /** The answer to a login. */
  readonly login?: () => Error | undefined;
  /** The answer to MAIL FROM. */
  readonly sender?: (address: string) => Error | undefined;
  /** It takes one command at a time. */
  readonly isPatient?: boolean;
  /** The answer to RCPT TO; an Error with `responseCode` refuses. */
  readonly recipient?: (address: string) => Error | undefined;
  /** What to do once the content is there, before it is taken. */
  readonly content?: (mail: ParsedMail, session: SMTPServerSession) => Promise<Error | undefined> | Error | undefined;
}

export function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

/** A mail server on loopback that keeps what it takes. */
export async function startSmtpSink(answers: SmtpAnswers = {}): Promise<SmtpSink> {
  const mails: ParsedMail[] = [];
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    onAuth: ({ username }, _session, done) => done(answers.login?.() ?? null, { user: username }),
    disabledCommands: ['STARTTLS'],
    hidePIPELINING: answers.isPatient ?? false,
    onMailFrom: ({ address }, _session, done) => done(answers.sender?.(address) ?? null),
    onRcptTo: ({ address }, _session, done) => done(answers.recipient?.(address) ?? null),
    onData(stream, session, done) {
      void (async () => {
        const mail = await simpleParser(stream);
        seen.push(mail.messageId ?? '');
        const refused = await answers.content?.(mail, session);
        if (!refused) mails.push(mail);
        done(refused ?? null);
      })();
    },
  });
  server.on('error', () => {});
  server.server.on('connection', (socket: Socket) => void sockets.add(socket));
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    seen,
    cut,
    async close() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export interface GatewaySink {
  readonly url: string;
  readonly received: { readonly body: { id: string; to: string; text: string }; readonly key: string | undefined }[];
  close(): Promise<void>;
}

/** An SMS gateway on loopback; `answer` decides what it says to each message, in order. */
export async function startGatewaySink(answer: (n: number, response: ServerResponse) => void): Promise<GatewaySink> {
  const received: GatewaySink['received'] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      received.push({ body: JSON.parse(text), key: request.headers['idempotency-key'] as string | undefined });
      answer(received.length, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sms`,
    received,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
