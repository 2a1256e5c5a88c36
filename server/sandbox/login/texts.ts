import type { Language } from '../pages/language.ts';

/** What the pages of the login say, by key; a language that lacks a key does not compile. */
interface LoginTexts {
  readonly logIn: string;
  readonly to: (client: string) => string;
  readonly lead: string;
  readonly search: string;
  readonly searchHint: string;
  readonly find: string;
  readonly level: string;
  readonly 'idporten-loa-substantial': string;
  readonly 'idporten-loa-high': string;
  readonly who: string;
  readonly nobody: string;
  readonly nobodyFor: (text: string) => string;
  readonly nobodyNext: string;
  readonly more: (shown: number) => string;
  readonly cancel: string;
  readonly gone: string;
  readonly goneNext: string;
  readonly refused: string;
  readonly refusedNext: string;
  readonly failed: string;
  readonly failedNext: string;
  readonly logOut: string;
  readonly logOutLead: string;
  readonly loggedOut: string;
  readonly loggedOutLead: string;
  readonly loggingOut: string;
  readonly goOn: string;
  readonly front: string;
}

const nb: LoginTexts = {
  logIn: 'Logg inn',
  to: (client) => `Du logger inn hos ${client}.`,
  lead: 'Dette er en prøveinnlogging med oppdiktede personer. Velg hvem du vil være.',
  search: 'Søk etter navn eller fødselsnummer',
  searchHint: 'Starten av et nummer er nok.',
  find: 'Søk',
  level: 'Sikkerhetsnivå',
  'idporten-loa-substantial': 'Betydelig (nivå 3)',
  'idporten-loa-high': 'Høyt (nivå 4)',
  who: 'Hvem vil du være?',
  nobody: 'Det bor ingen personer her ennå.',
  nobodyFor: (text) => `Ingen her svarer til «${text}».`,
  nobodyNext: 'Last inn en by, eller søk etter noen andre.',
  more: (shown) => `De ${shown} første vises. Søk for å finne flere.`,
  cancel: 'Avbryt',
  gone: 'Innloggingen er ikke i gang lenger',
  goneNext:
    'Den er fullført, den har ligget for lenge, eller den begynte i en annen nettleser. Gå tilbake til tjenesten og logg inn på nytt.',
  refused: 'Innloggingen kan ikke begynne',
  refusedNext: 'Tjenesten som sendte deg hit, har ikke bedt om innlogging slik den skal. Den som lager tjenesten, trenger dette:',
  failed: 'Innloggingen stoppet hos oss',
  failedNext: 'Prøv igjen om litt.',
  logOut: 'Logg ut',
  logOutLead: 'Vil du logge ut av alle tjenester som du har logget inn i her?',
  loggedOut: 'Du er logget ut',
  loggedOutLead: 'Du er logget ut av alle tjenester som du hadde logget inn i her.',
  loggingOut: 'Vi sier fra til tjenestene.',
  goOn: 'Gå videre',
  front: 'Til forsiden',
};

const nn: LoginTexts = {
  logIn: 'Logg inn',
  to: (client) => `Du loggar inn hos ${client}.`,
  lead: 'Dette er ei prøveinnlogging med oppdikta personar. Vel kven du vil vere.',
  search: 'Søk etter namn eller fødselsnummer',
  searchHint: 'Starten av eit nummer er nok.',
  find: 'Søk',
  level: 'Tryggleiksnivå',
  'idporten-loa-substantial': 'Vesentleg (nivå 3)',
  'idporten-loa-high': 'Høgt (nivå 4)',
  who: 'Kven vil du vere?',
  nobody: 'Det bur ingen personar her enno.',
  nobodyFor: (text) => `Ingen her svarer til «${text}».`,
  nobodyNext: 'Last inn ein by, eller søk etter nokon andre.',
  more: (shown) => `Dei ${shown} første blir viste. Søk for å finne fleire.`,
  cancel: 'Avbryt',
  gone: 'Innlogginga er ikkje i gang lenger',
  goneNext: 'Ho er fullført, ho har lege for lenge, eller ho byrja i ein annan nettlesar. Gå tilbake til tenesta og logg inn på nytt.',
  refused: 'Innlogginga kan ikkje byrje',
  refusedNext: 'Tenesta som sende deg hit, har ikkje bede om innlogging slik ho skal. Den som lagar tenesta, treng dette:',
  failed: 'Innlogginga stoppa hos oss',
  failedNext: 'Prøv igjen om litt.',
  logOut: 'Logg ut',
  logOutLead: 'Vil du logge ut av alle tenester som du har logga inn i her?',
  loggedOut: 'Du er logga ut',
  loggedOutLead: 'Du er logga ut av alle tenester som du hadde logga inn i her.',
  loggingOut: 'Vi seier frå til tenestene.',
  goOn: 'Gå vidare',
  front: 'Til framsida',
};

const en: LoginTexts = {
  logIn: 'Log in',
  to: (client) => `You are logging in to ${client}.`,
  lead: 'This is a login for trying out, with invented people. Choose who you want to be.',
  search: 'Search by name or national identity number',
  searchHint: 'The beginning of a number is enough.',
  find: 'Search',
  level: 'Security level',
  'idporten-loa-substantial': 'Substantial (level 3)',
  'idporten-loa-high': 'High (level 4)',
  who: 'Who do you want to be?',
  nobody: 'Nobody lives here yet.',
  nobodyFor: (text) => `Nobody here matches “${text}”.`,
  nobodyNext: 'Load a town, or search for somebody else.',
  more: (shown) => `The first ${shown} are shown. Search to find more.`,
  cancel: 'Cancel',
  gone: 'This login is no longer under way',
  goneNext: 'It is done, it has waited too long, or it began in another browser. Go back to the service and log in again.',
  refused: 'The login cannot begin',
  refusedNext: 'The service that sent you here has not asked for a login as it should. Whoever makes the service needs this:',
  failed: 'The login stopped with us',
  failedNext: 'Try again in a little while.',
  logOut: 'Log out',
  logOutLead: 'Do you want to log out of all services that you have logged in to here?',
  loggedOut: 'You are logged out',
  loggedOutLead: 'You are logged out of all services that you had logged in to here.',
  loggingOut: 'We are telling the services.',
  goOn: 'Go on',
  front: 'To the front page',
};

export const loginTexts: Readonly<Record<Language, LoginTexts>> = { nb, nn, en };
