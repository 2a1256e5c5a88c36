type Sentence = Readonly<Record<'nb' | 'nn' | 'en', string>>;

/**
 * What a row proves, from least to most, with the sentence that a receipt prints. A receipt never prints the sentence
 * of a higher level than its row's. Source: compatibility.md, evidence, §1.4.
 */
export const levels = {
  nothing: {
    nb: 'Noe skjedde som ikke endrer noen plikt.',
    nn: 'Noko hende som ikkje endrar noka plikt.',
    en: 'Something happened that changes no obligation.',
  },
  recorded: {
    nb: 'Hendelsen er varig lagret her. At noen andre vet om den, er ikke sagt.',
    nn: 'Hendinga er varig lagra her. At nokon andre veit om ho, er ikkje sagt.',
    en: 'The step is stored here for good. This does not say that anyone else knows of it.',
  },
  accepted: {
    nb: 'Hele innholdet er tatt imot fra avsenderen. At mottakeren finnes, er ikke sagt.',
    nn: 'Heile innhaldet er teke imot frå avsendaren. At mottakaren finst, er ikkje sagt.',
    en: 'The complete content was taken in from the sender. This does not say that the recipient exists.',
  },
  deposited: {
    nb: 'Meldingen ligger i mottakerens innboks. At noen kan åpne den, er ikke sagt.',
    nn: 'Meldinga ligg i innboksen til mottakaren. At nokon kan opne ho, er ikkje sagt.',
    en: "The message lies in the recipient's inbox. This does not say that anyone can open it.",
  },
  available: {
    nb: 'Minst én hos mottakeren hadde rett til å åpne meldingen i dette øyeblikket. At de vet om den, er ikke sagt.',
    nn: 'Minst éin hos mottakaren hadde rett til å opne meldinga i denne augneblinken. At dei veit om ho, er ikkje sagt.',
    en: 'At this instant at least one at the recipient held the right to open the message. This does not say that they know of it.',
  },
  'notice-handed-over': {
    nb: 'Varselet er overlevert til neste e-posttjener eller SMS-sentral. At det kom fram, er ikke sagt.',
    nn: 'Varselet er overlevert til neste e-posttenar eller SMS-sentral. At det kom fram, er ikkje sagt.',
    en: 'The next mail server or SMS gateway took the notice. This does not say that it arrived.',
  },
  'notice-delivered': {
    nb: 'Transportøren melder at varselet kom fram. At noen har sett det, er ikke sagt.',
    nn: 'Transportøren melder at varselet kom fram. At nokon har sett det, er ikkje sagt.',
    en: 'The carrier reports that the notice was delivered. This does not say that anyone has seen it.',
  },
  'notice-seen': {
    nb: 'En person hos mottakeren kom fra varselet og logget inn. At innholdet ble åpnet, er ikke sagt.',
    nn: 'Ein person hos mottakaren kom frå varselet og logga inn. At innhaldet vart opna, er ikkje sagt.',
    en: 'A person at the recipient came from the notice and logged in. This does not say that the content was opened.',
  },
  opened: {
    nb: 'En innlogget person eller et system hos mottakeren med rett til det hentet innholdet. At alt er lest eller forstått, er ikke sagt.',
    nn: 'Ein innlogga person eller eit system hos mottakaren med rett til det henta innhaldet. At alt er lese eller forstått, er ikkje sagt.',
    en: 'A logged-in person or a system at the recipient with the right to do so fetched the content. This does not say that all of it was read or understood.',
  },
  'handed-over': {
    nb: 'Hele innholdet ble sendt til mottakeren, og forbindelsen ble avsluttet i orden. At det ligger på mottakerens disk, er ikke sagt.',
    nn: 'Heile innhaldet vart sendt til mottakaren, og sambandet vart avslutta i orden. At det ligg på disken til mottakaren, er ikkje sagt.',
    en: "Every byte of the content was sent and the connection ended in order. This does not say that the recipient's disk holds it.",
  },
  confirmed: {
    nb: 'En innlogget person eller et system hos mottakeren bekreftet uttrykkelig.',
    nn: 'Ein innlogga person eller eit system hos mottakaren stadfesta uttrykkeleg.',
    en: 'A logged-in person or system at the recipient confirmed explicitly.',
  },
  'integrity-confirmed': {
    nb: 'Mottakeren sendte tilbake en kontrollsum som er lik vår.',
    nn: 'Mottakaren sende tilbake ein kontrollsum som er lik vår.',
    en: 'The recipient sent back a hash that equals ours.',
  },
  relayed: {
    nb: 'En annen transportør overtok meldingen. At den kom fram, er ikke sagt.',
    nn: 'Ein annan transportør tok over meldinga. At ho kom fram, er ikkje sagt.',
    en: 'Another carrier took the message over. This does not say that it arrived.',
  },
  'reported-opened': {
    nb: 'Et annet system melder at meldingen er lest der. Vi har ikke selv sett det.',
    nn: 'Eit anna system melder at meldinga er lesen der. Vi har ikkje sjølve sett det.',
    en: 'Another system reports that the message was read there. We have not seen it ourselves.',
  },
  failed: {
    nb: 'Steget lyktes ikke. Årsaken står i beviset.',
    nn: 'Steget lukkast ikkje. Årsaka står i beviset.',
    en: 'The step did not succeed. The cause stands in the evidence.',
  },
  'closed-by-sender': {
    nb: 'Avsenderen avsluttet saken, med navn og grunn.',
    nn: 'Avsendaren avslutta saka, med namn og grunn.',
    en: 'The sender ended the matter, with a name and a reason.',
  },
} as const satisfies Record<string, Sentence>;

export type Proves = keyof typeof levels;
