import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { isOrganizationNumber } from '#register/index.ts';

/** Valid organization numbers of the synthetic series, in order. */
export function* numbersFrom(start = 31_000_000): Generator<string> {
  for (let stem = start; ; stem += 1) {
    for (let check = 0; check < 10; check += 1) {
      const number = `${stem}${check}`;
      if (isOrganizationNumber(number)) yield number;
    }
  }
}

const type = (kode: string) => ({ kode, beskrivelse: kode, _links: { self: { href: `https://data.brreg.no/${kode}` } } });
const address = (i: number) => ({
  land: 'Norge',
  landkode: 'NO',
  postnummer: '3715',
  poststed: 'SKIEN',
  adresse: [`Storgata ${i}`],
  kommune: 'SKIEN',
  kommunenummer: '4003',
});

/** A unit as the published files have it, with what is told beside what we read. */
export function unit(organisasjonsnummer: string, i: number, more: object = {}): object {
  return {
    organisasjonsnummer,
    navn: `FORETAK ${i} AS`,
    organisasjonsform: type('AS'),
    registreringsdatoEnhetsregisteret: '2001-02-03',
    registrertIMvaregisteret: true,
    naeringskode1: { kode: '62.010', beskrivelse: 'Programmeringstjenester' },
    antallAnsatte: i % 90,
    forretningsadresse: address(i),
    postadresse: { ...address(i), adresse: [`Postboks ${i}`] },
    maalform: i % 8 === 0 ? 'Nynorsk' : 'Bokmål',
    konkurs: false,
    underAvvikling: false,
    aktivitet: ['Utvikling av programvare', 'Drift "og" råd [om] {alt}'],
    links: [],
    ...more,
  };
}

export const subunit = (organisasjonsnummer: string, i: number, overordnetEnhet: string, more: object = {}): object => {
  const { forretningsadresse, ...rest } = unit(organisasjonsnummer, i) as { forretningsadresse: object };
  return {
    ...rest,
    navn: `AVDELING ${i}`,
    organisasjonsform: type('BEDR'),
    beliggenhetsadresse: forretningsadresse,
    overordnetEnhet,
    ...more,
  };
};

export const heldBy = {
  organization: (kode: string, organisasjonsnummer: string, more: object = {}) => ({
    type: type(kode),
    enhet: { organisasjonsnummer, organisasjonsform: type('AS'), navn: ['REGNSKAP AS'], erSlettet: false },
    fratraadt: false,
    rekkefolge: 0,
    ...more,
  }),
  person: (kode: string, fodselsdato: string, more: object = {}, person: object = {}) => ({
    type: type(kode),
    person: { fodselsdato, navn: { fornavn: 'Kari', mellomnavn: 'Mellom', etternavn: 'Nordmann' }, erDoed: false, ...person },
    fratraadt: false,
    rekkefolge: 0,
    ...more,
  }),
};

export function rolesAt(organisasjonsnummer: string, ...roller: { type: { kode: string } }[]): object {
  return { organisasjonsnummer, rollegrupper: roller.map((one) => ({ type: one.type, sistEndret: '2026-01-01', roller: [one] })) };
}

/** Writes a JSON array as the register publishes it, compressed; item by item, so that it may be of any length. */
export async function writeFile(path: string, items: Iterable<object>): Promise<void> {
  await pipeline(Readable.from(textOf(items)), createGzip({ level: 1 }), createWriteStream(path));
}

function* textOf(items: Iterable<object>): Generator<string> {
  yield '[ ';
  let [first, text] = [true, ''];
  for (const item of items) {
    text += `${first ? '' : ', '}${JSON.stringify(item, null, 1)}`;
    first = false;
    if (text.length < 64 * 1024) continue;
    yield text;
    text = '';
  }
  yield `${text} ]`;
}

/** A register of so many units, as many subunits, an accountant for each, and a general manager of whom a day of birth is known. */
export async function writeRegister(folder: string, count: number): Promise<{ units: string; subunits: string; roles: string }> {
  const files = { units: `${folder}/enheter.json.gz`, subunits: `${folder}/underenheter.json.gz`, roles: `${folder}/roller.json.gz` };
  const mains = function* () {
    const numbers = numbersFrom();
    for (let i = 0; i < count; i += 1) yield [numbers.next().value as string, i] as const;
  };
  const [first] = mains().next().value as readonly [string, number];
  await writeFile(
    files.units,
    mapped(mains(), ([number, i]) => unit(number, i)),
  );
  await writeFile(
    files.subunits,
    (function* () {
      const numbers = numbersFrom(82_000_000);
      for (const [parent, i] of mains()) yield subunit(numbers.next().value as string, i, parent);
    })(),
  );
  await writeFile(
    files.roles,
    mapped(mains(), ([number]) => rolesAt(number, heldBy.organization('REGN', first), heldBy.person('DAGL', '1971-03-02'))),
  );
  return files;
}

function* mapped<A, B>(items: Iterable<A>, make: (item: A) => B): Generator<B> {
  for (const item of items) yield make(item);
}
