import type { Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { sentOf } from '#notifications/index.ts';
import { findParties, type Party } from '#register/index.ts';
import { emailsOf } from '../routine/who-gets-it.ts';
import { saveMails } from '../store/mail.ts';

const texts = {
  nb: {
    subject: (n: number) => (n === 1 ? 'Et brev går på papir likevel' : `${n} brev går på papir likevel`),
    body: (n: number, name: string) =>
      n === 1
        ? `Et brev fra ${name} ble tatt tilbake eller avsluttet mens det var hos trykkeriet. Trykkeriet har det alt, og det går på papir likevel. Ring trykkeriet hvis det ikke skal sendes.`
        : `${n} brev fra ${name} ble tatt tilbake eller avsluttet mens de var hos trykkeriet. Trykkeriet har dem alt, og de går på papir likevel. Ring trykkeriet hvis de ikke skal sendes.`,
    which: 'Hvilke det er, står under det dere har sendt:',
  },
  nn: {
    subject: (n: number) => (n === 1 ? 'Eit brev går på papir likevel' : `${n} brev går på papir likevel`),
    body: (n: number, name: string) =>
      n === 1
        ? `Eit brev frå ${name} vart teke tilbake eller avslutta medan det var hos trykkeriet. Trykkeriet har det alt, og det går på papir likevel. Ring trykkeriet om det ikkje skal sendast.`
        : `${n} brev frå ${name} vart tekne tilbake eller avslutta medan dei var hos trykkeriet. Trykkeriet har dei alt, og dei går på papir likevel. Ring trykkeriet om dei ikkje skal sendast.`,
    which: 'Kva for nokre det er, står under det de har sendt:',
  },
  en: {
    subject: (n: number) => (n === 1 ? 'A letter goes by paper all the same' : `${n} letters go by paper all the same`),
    body: (n: number, name: string) =>
      n === 1
        ? `A letter from ${name} was taken back or ended while it was at the print house. The print house has it already, and it goes by paper all the same. Call the print house if it is not to be sent.`
        : `${n} letters from ${name} were taken back or ended while they were at the print house. The print house has them already, and they go by paper all the same. Call the print house if they are not to be sent.`,
    which: 'Which they are stands under what you have sent:',
  },
} as const satisfies Record<Party['language'], unknown>;

/**
 * A sender has ended letters that the print house has already: it is told at once, and not with the mail of the day, since they can be stopped
 * there yet. Fills the hook of the relay.
 */
export async function mailNotStopped(
  tx: Tx,
  rows: readonly { readonly hearers: readonly PartyId[]; readonly letters: number }[],
  { at, console }: { readonly at: Date; readonly console: string },
): Promise<void> {
  const parties = await findParties(tx, [...new Set(rows.flatMap(({ hearers }) => hearers))]);
  for (const { hearers, letters } of rows) {
    const found = await firstWithEmails(tx, hearers);
    const party = found && parties.get(found.hearer);
    if (!party) continue;
    const { subject, body, which } = texts[party.language];
    saveMails(
      tx,
      found.emails.map((address) => ({
        ...{ id: newId(), address, file: null, at },
        subject: subject(letters),
        body: `${body(letters, party.name.replaceAll(/\s+/g, ' ').trim())}\n${which} ${sentOf({ console }, party)}`,
      })),
    );
  }
}

async function firstWithEmails(tx: Tx, hearers: readonly PartyId[]): Promise<{ hearer: PartyId; emails: string[] } | undefined> {
  for (const hearer of hearers) {
    const emails = await emailsOf(tx, hearer);
    if (emails.length > 0) return { hearer, emails };
  }
  return undefined;
}
