import { isOrganizationNumber } from '#register/index.ts';

export type UnitKind = 'main' | 'sub';

/** An organization as the files have it. */
export interface Unit {
  readonly number: string;
  readonly kind: UnitKind;
  readonly name: string;
  readonly unitType: string | null;
  readonly parentNumber: string | null;
  readonly language: 'nb' | 'nn' | null;
  /** A date. */
  readonly deletedOn: string | null;
  readonly businessAddress: Address | null;
  readonly postalAddress: Address | null;
}

export interface Address {
  readonly lines: readonly string[];
  readonly postalCode: string | null;
  readonly place: string | null;
  readonly municipality: string | null;
  /** ISO 3166, two letters. */
  readonly country: string | null;
}

/**
 * Pure. Takes one item of `enheter` or `underenheter` apart; undefined for one without a valid number and a name.
 * Source: compatibility.md, Enhetsregisteret, §1.
 */
export function readUnit(item: unknown, kind: UnitKind): Unit | undefined {
  const said = objectOf(item);
  const number = textOf(said.organisasjonsnummer);
  const name = textOf(said.navn);
  if (!number || !isOrganizationNumber(number) || !name) return undefined;
  const parent = textOf(said.overordnetEnhet);
  return {
    number,
    kind,
    name,
    unitType: textOf(objectOf(said.organisasjonsform).kode),
    parentNumber: parent && isOrganizationNumber(parent) && parent !== number ? parent : null,
    language: said.maalform === 'Nynorsk' ? 'nn' : said.maalform === 'Bokmål' ? 'nb' : null,
    deletedOn: dateOf(said.slettedato) ?? dateOf(said.nedleggelsesdato),
    businessAddress: addressOf(said.forretningsadresse ?? said.beliggenhetsadresse),
    postalAddress: addressOf(said.postadresse),
  };
}

function addressOf(value: unknown): Address | null {
  if (typeof value !== 'object' || value === null) return null;
  const said = objectOf(value);
  const lines = Array.isArray(said.adresse) ? said.adresse.map(textOf).filter((line) => line !== null) : [];
  return {
    lines,
    postalCode: textOf(said.postnummer),
    place: textOf(said.poststed),
    municipality: textOf(said.kommunenummer),
    country: textOf(said.landkode),
  };
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** Without what PostgreSQL keeps in no text; null for what is none or empty. */
export function textOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value.replaceAll('\u0000', '').trim();
  return text === '' ? null : text;
}

export function dateOf(value: unknown): string | null {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : null;
}
