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
        ? `Dere har tatt tilbake et brev fra ${name}, eller latt det ligge, mens det var hos trykkeriet. Trykkeriet har det alt, og det går på papir likevel. Ta kontakt med trykkeriet hvis det ikke må sendes.`
        : `Dere har tatt tilbake ${n} brev fra ${name}, eller latt dem ligge, mens de var hos trykkeriet. Trykkeriet har dem alt, og de går på papir likevel. Ta kontakt med trykkeriet hvis de ikke må sendes.`,
    which: 'Hvilke det er, står under det dere har sendt:',
  },
  nn: {
    subject: (n: number) => (n === 1 ? 'Eit brev går på papir likevel' : `${n} brev går på papir likevel`),
    body: (n: number, name: string) =>
      n === 1
        ? `De har teke tilbake eit brev frå ${name}, eller late det liggje, medan det var hos trykkeriet. Trykkeriet har det alt, og det går på papir likevel. Ta kontakt med trykkeriet om det ikkje må sendast.`
        : `De har teke tilbake ${n} brev frå ${name}, eller late dei liggje, medan dei var hos trykkeriet. Trykkeriet har dei alt, og dei går på papir likevel. Ta kontakt med trykkeriet om dei ikkje må sendast.`,
    which: 'Kva for nokre det er, står under det de har sendt:',
  },
  en: {
    subject: (n: number) => (n === 1 ? 'A letter goes by paper all the same' : `${n} letters go by paper all the same`),
    body: (n: number, name: string) =>
      n === 1
        ? `You have taken back a letter from ${name}, or let it lie, while it was at the print house. The print house has it already, and it goes by paper all the same. Contact the print house if it must not be sent.`
        : `You have taken back ${n} letters from ${name}, or let them lie, while they were at the print house. The print house has them already, and they go by paper all the same. Contact the print house if they must not be sent.`,
    which: 'Which they are stands under what you have sent:',
  },
} as const satisfies Record<Party['language'], unknown>;

/** A sender has ended letters that the print house has already: it is told at once, and not with the mail of the day, since they can be stopped there yet. Fills the hook of the relay. */
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
