import type { Language } from './language.ts';

/** What the sandbox's pages say, by key; a language that lacks a key does not compile. */
export interface Texts {
  readonly line: string;
  readonly skip: string;
  readonly languages: string;
  readonly pages: string;
  readonly front: string;
  readonly outbox: string;
  readonly frontLead: string;
  readonly outboxLead: string;
  readonly addresses: string;
  readonly outboxAbout: string;
  readonly docs: string;
  readonly docsAbout: string;
  readonly openapi: string;
  readonly openapiAbout: string;
  readonly health: string;
  readonly healthAbout: string;
  readonly tokens: string;
  readonly tokensLead: string;
  readonly tokenOfSender: string;
  readonly tokenOfPerson: string;
  readonly tokenOfSystem: string;
  readonly town: string;
  readonly townLead: string;
  readonly email: string;
  readonly sms: string;
  readonly to: string;
  readonly from: string;
  readonly caughtAt: string;
  readonly messageId: string;
  readonly channel: string;
  readonly noSubject: string;
  readonly filter: string;
  readonly show: string;
  readonly showAll: string;
  readonly older: string;
  readonly reload: string;
  readonly back: string;
  readonly empty: string;
  readonly emptyNext: string;
  readonly emptyFor: (address: string) => string;
  readonly missing: string;
  readonly missingNext: string;
}

const nb: Texts = {
  line: 'Post som ikke blir liggende.',
  skip: 'Hopp til innholdet',
  languages: 'Språk',
  pages: 'Sider',
  front: 'Prøveplassen',
  outbox: 'Utboks',
  frontLead: 'Dette er en prøveplass. Ingen virkelig post går ut herfra, og alle her er oppdiktet.',
  outboxLead: 'E-post og SMS som ville ha gått ut. Nyeste øverst.',
  addresses: 'Hvor finner jeg hva?',
  outboxAbout: 'e-post og SMS som er fanget',
  docs: 'API-dokumentasjon',
  docsAbout: 'alle operasjoner, til å lese og prøve',
  openapi: 'OpenAPI-dokument',
  openapiAbout: 'det samme, for maskiner',
  health: 'Helse',
  healthAbout: 'om tjeneren er klar',
  tokens: 'Slik får du et token',
  tokensLead: 'Ingen innlogging trengs. Alle miljønavn (tt02, at22 og så videre) betyr denne prøveplassen.',
  tokenOfSender: 'En avsender, med sitt organisasjonsnummer:',
  tokenOfPerson: 'En person som leser:',
  tokenOfSystem: 'Mottakers system, med sitt organisasjonsnummer:',
  town: 'Slik lager du din egen by',
  townLead: 'Parter, roller, ressurser og klienter står i ett dokument. Det kan lastes så ofte du vil.',
  email: 'E-post',
  sms: 'SMS',
  to: 'Til',
  from: 'Fra',
  caughtAt: 'Fanget',
  messageId: 'Message-ID',
  channel: 'Kanal',
  noSubject: 'Uten emne',
  filter: 'Adresse eller telefonnummer',
  show: 'Vis',
  showAll: 'Vis alle',
  older: 'Eldre',
  reload: 'Hent på nytt',
  back: 'Tilbake til utboksen',
  empty: 'Ingenting er fanget ennå.',
  emptyNext: 'Send en melding til noen som har en varslingsadresse, så dukker varselet opp her.',
  emptyFor: (address) => `Ingenting er fanget til ${address}.`,
  missing: 'Denne meldingen finnes ikke.',
  missingNext: 'Utboksen kan ha blitt tømt.',
};

const nn: Texts = {
  line: 'Post som ikkje blir liggjande.',
  skip: 'Hopp til innhaldet',
  languages: 'Språk',
  pages: 'Sider',
  front: 'Prøveplassen',
  outbox: 'Utboks',
  frontLead: 'Dette er ein prøveplass. Inga verkeleg post går ut herifrå, og alle her er oppdikta.',
  outboxLead: 'E-post og SMS som ville ha gått ut. Nyaste øvst.',
  addresses: 'Kvar finn eg kva?',
  outboxAbout: 'e-post og SMS som er fanga',
  docs: 'API-dokumentasjon',
  docsAbout: 'alle operasjonar, til å lese og prøve',
  openapi: 'OpenAPI-dokument',
  openapiAbout: 'det same, for maskinar',
  health: 'Helse',
  healthAbout: 'om tenaren er klar',
  tokens: 'Slik får du eit token',
  tokensLead: 'Du treng ikkje logge inn. Alle miljønamn (tt02, at22 og så vidare) tyder denne prøveplassen.',
  tokenOfSender: 'Ein avsendar, med organisasjonsnummeret sitt:',
  tokenOfPerson: 'Ein person som les:',
  tokenOfSystem: 'Systemet til mottakaren, med organisasjonsnummeret sitt:',
  town: 'Slik lagar du din eigen by',
  townLead: 'Partar, roller, ressursar og klientar står i eitt dokument. Det kan lastast så ofte du vil.',
  email: 'E-post',
  sms: 'SMS',
  to: 'Til',
  from: 'Frå',
  caughtAt: 'Fanga',
  messageId: 'Message-ID',
  channel: 'Kanal',
  noSubject: 'Utan emne',
  filter: 'Adresse eller telefonnummer',
  show: 'Vis',
  showAll: 'Vis alle',
  older: 'Eldre',
  reload: 'Hent på nytt',
  back: 'Tilbake til utboksen',
  empty: 'Ingenting er fanga enno.',
  emptyNext: 'Send ei melding til nokon som har ei varslingsadresse, så dukkar varselet opp her.',
  emptyFor: (address) => `Ingenting er fanga til ${address}.`,
  missing: 'Denne meldinga finst ikkje.',
  missingNext: 'Utboksen kan ha blitt tømd.',
};

const en: Texts = {
  line: 'Post that does not lie unread.',
  skip: 'Skip to content',
  languages: 'Language',
  pages: 'Pages',
  front: 'The sandbox',
  outbox: 'Outbox',
  frontLead: 'This is a place to try things. No real mail leaves it, and everyone in it is invented.',
  outboxLead: 'E-mail and SMS that would have gone out. Newest first.',
  addresses: 'Where do I find what?',
  outboxAbout: 'e-mail and SMS that were caught',
  docs: 'API documentation',
  docsAbout: 'every operation, to read and try',
  openapi: 'OpenAPI document',
  openapiAbout: 'the same, for machines',
  health: 'Health',
  healthAbout: 'whether the server is ready',
  tokens: 'How to get a token',
  tokensLead: 'No login is needed. Every environment name (tt02, at22 and so on) means this sandbox.',
  tokenOfSender: 'A sender, by its organization number:',
  tokenOfPerson: 'A person who reads:',
  tokenOfSystem: "A recipient's system, by its organization number:",
  town: 'How to build a town of your own',
  townLead: 'Parties, roles, resources and clients stand in one document. Load it as often as you like.',
  email: 'E-mail',
  sms: 'SMS',
  to: 'To',
  from: 'From',
  caughtAt: 'Caught',
  messageId: 'Message-ID',
  channel: 'Channel',
  noSubject: 'No subject',
  filter: 'Address or phone number',
  show: 'Show',
  showAll: 'Show all',
  older: 'Older',
  reload: 'Reload',
  back: 'Back to the outbox',
  empty: 'Nothing has been caught yet.',
  emptyNext: 'Send a message to someone who has an address to notify, and the notice appears here.',
  emptyFor: (address) => `Nothing has been caught for ${address}.`,
  missing: 'This message does not exist.',
  missingNext: 'The outbox may have been emptied.',
};

export const texts: Readonly<Record<Language, Texts>> = { nb, nn, en };
