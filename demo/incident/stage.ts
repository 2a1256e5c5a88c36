import type { Organization, Person } from '../cast.ts';
import { type Client, enterpriseToken, personalToken } from '../client.ts';
import { readerScopes, senderScopes } from '../scene.ts';
import type { Mail, MailSink } from '../sink.ts';
import type { Table } from '../table.ts';
import type { Shipment } from './plan.ts';

/** What the incident is played on. */
export interface Stage {
  readonly nobody: Client;
  readonly mails: MailSink;
  readonly table: Table;
  /** The server, asked by a sender or by a person, each with a token of its own. */
  readonly as: (who: Organization | Person) => Promise<Client>;
}

/** What is known of one shipment: read from answers, events and mails, and from nothing else. */
export interface Course {
  readonly shipment: Shipment;
  id?: string;
  attachment?: string;
  /** What its reader must be handed; a letter to many has one text. */
  text?: string;
  /** Where the mail server stood when it was sent: what has come later may be about it. */
  mailsBefore?: number;
  /** As its watch said right after it was sent. */
  flagged?: { readonly class: string; readonly cause: string | null; readonly publishedAt: string };
  /** The first that its sender heard of it by event. */
  told?: { readonly type: string; readonly cause: unknown; readonly at: string };
  /** Its recipient's director has seen its envelope, with nothing on it of what is in it. */
  isEnvelopeSeen?: boolean;
  /** The message could be opened and its file could not; and whether its sender has heard so. */
  locked?: { isHeard: boolean };
  /** Its recipient has opened it, or its sender has decided. */
  ended?: 'opened' | 'decided';
}

/** Whether nobody at the recipient can open, by the class that its watch names. */
export function isSealed(name: string): boolean {
  return name === 'GRANTABLE' || name === 'UNREACHABLE';
}

/** Real minutes for which a token is used: those of the sandbox hold for thirty. */
const tokenMillis = 20 * 60_000;

/** Asks for a token when somebody acts for the first time, and anew when it is old. */
export function createCallers(nobody: Client): Stage['as'] {
  const tokens = new Map<string, { readonly at: number; readonly token: Promise<string> }>();
  return async ({ number }) => {
    const known = tokens.get(number);
    if (known && Date.now() - known.at < tokenMillis) return nobody.with(await known.token);
    const token =
      number.length === 9
        ? enterpriseToken(nobody, number, [...senderScopes, 'altinn:events.subscribe'])
        : personalToken(nobody, number, readerScopes);
    tokens.set(number, { at: Date.now(), token });
    return nobody.with(await token);
  };
}

/** The mails to an address that came after a place. */
export function mailsTo({ mails }: Stage, address: string, after: number): Mail[] {
  return mails.mails.slice(after).filter(({ to }) => to.includes(address));
}

const atOnce = 8;

/** Does the same with each of them, a few at a time. */
export async function withEach<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: Math.min(atOnce, items.length) }, async () => {
      for (const item of left) await work(item);
    }),
  );
}
