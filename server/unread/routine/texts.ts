import type { Party } from '#register/index.ts';

interface RoutineTexts {
  readonly extractSubject: (sender: string, items: number) => string;
  readonly extract: (sender: string, items: number) => string;
  /** The sender is gone, and another looks after its post. */
  readonly inItsPlace: (sender: string, standIn: string) => string;
  readonly asFile: string;
  readonly asLink: string;
  readonly seeWho: string;
  readonly askSubject: (sender: string) => string;
  readonly ask: (sender: string, link: string) => string;
  readonly page: { readonly title: string; readonly question: string; readonly button: string };
  readonly confirmed: { readonly title: string; readonly next: string };
}

/** Of the extract by mail, in the language that the sender has in the register. */
export const routineTexts: Readonly<Record<Party['language'], RoutineTexts>> = {
  nb: {
    extractSubject: (sender, items) => `Ulest post fra ${sender}: ${items}`,
    extract: (sender, items) => `Hei. ${items === 1 ? 'Én forsendelse' : `${items} forsendelser`} fra ${sender} er ikke åpnet.`,
    inItsPlace: (sender, standIn) =>
      `${sender} er slettet i registeret, og ${standIn} følger opp posten i stedet. Sett en egen oversikt for å bestemme når den kommer, eller slå den av.`,
    asFile: 'Oversikten ligger ved som CSV, uten fødselsnumre.',
    asLink: 'Hent oversikten som CSV, innlogget som avsender:',
    seeWho: 'Se hvem, hvorfor og hva som skjer nå:',
    askSubject: (sender) => `Vil du ha oversikt over ulest post fra ${sender}?`,
    ask: (sender, link) =>
      `Hei. ${sender} har bedt om å få sendt oversikt over ulest post til denne adressen. Bekreft med denne lenken innen sju dager:\n${link}\n\nKjenner du ikke til dette, kan du se bort fra e-posten.`,
    page: {
      title: 'Oversikt over ulest post',
      question: 'En virksomhet vil sende oversikt over ulest post til e-postadressen din. Bekreft bare hvis du kjenner til det.',
      button: 'Bekreft adressen',
    },
    confirmed: { title: 'Adressen er bekreftet', next: 'Du får oversikten fra neste gang.' },
  },
  nn: {
    extractSubject: (sender, items) => `Ulesen post frå ${sender}: ${items}`,
    extract: (sender, items) => `Hei. ${items === 1 ? 'Éi sending' : `${items} sendingar`} frå ${sender} er ikkje opna.`,
    inItsPlace: (sender, standIn) =>
      `${sender} er sletta i registeret, og ${standIn} følgjer opp posten i staden. Set ei eiga oversikt for å bestemme når ho kjem, eller slå henne av.`,
    asFile: 'Oversikta ligg ved som CSV, utan fødselsnummer.',
    asLink: 'Hent oversikta som CSV, innlogga som avsendar:',
    seeWho: 'Sjå kven, kvifor og kva som skjer no:',
    askSubject: (sender) => `Vil du ha oversikt over ulesen post frå ${sender}?`,
    ask: (sender, link) =>
      `Hei. ${sender} har bede om å få sendt oversikt over ulesen post til denne adressa. Stadfest med denne lenkja innan sju dagar:\n${link}\n\nKjenner du ikkje til dette, kan du sjå bort frå e-posten.`,
    page: {
      title: 'Oversikt over ulesen post',
      question: 'Ei verksemd vil sende oversikt over ulesen post til e-postadressa di. Stadfest berre om du kjenner til det.',
      button: 'Stadfest adressa',
    },
    confirmed: { title: 'Adressa er stadfest', next: 'Du får oversikta frå neste gong.' },
  },
  en: {
    extractSubject: (sender, items) => `Unread post from ${sender}: ${items}`,
    extract: (sender, items) => `Hello. Not opened: ${items === 1 ? 'one item' : `${items} items`} of post from ${sender}.`,
    inItsPlace: (sender, standIn) =>
      `${sender} is deleted from the register, and ${standIn} looks after its post instead. Set an extract of your own to decide when it comes, or turn it off.`,
    asFile: 'The extract is attached as CSV, without national identity numbers.',
    asLink: 'Fetch the extract as CSV, logged in as the sender:',
    seeWho: 'See who, why, and what happens now:',
    askSubject: (sender) => `Would you like extracts of unread post from ${sender}?`,
    ask: (sender, link) =>
      `Hello. ${sender} has asked to have extracts of unread post sent to this address. Confirm by this link within seven days:\n${link}\n\nIf you know nothing of this, you may ignore this mail.`,
    page: {
      title: 'Extract of unread post',
      question: 'An organization would like to send extracts of unread post to your e-mail address. Confirm only if you know of it.',
      button: 'Confirm the address',
    },
    confirmed: { title: 'The address is confirmed', next: 'You get the extract from next time.' },
  },
};
