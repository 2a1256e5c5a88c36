import { Compile } from 'typebox/compile';
import { keptOwnWords, type MassLetter, type OwnWords, ownWordsError } from '#correspondence/index.ts';
import { isOrganizationNumber, parsePartyReference } from '#register/index.ts';
import type { LineError } from './errors.ts';
import type { Line } from './read-lines.ts';
import { RecipientLine } from './wire.ts';

/** A line that names somebody by a number, with what it says of its own. */
export interface ReadRecipient {
  readonly number: string;
  readonly own: OwnWords | null;
}

/** Why a line is not sent; `field` names the member or field that is meant. */
export interface RefusedRecipient {
  readonly error: LineError;
  readonly field: string | null;
}

const shape = Compile(RecipientLine);
const refused = (error: LineError, field: string | null = null): RefusedRecipient => ({ error, field });

/** Pure. What a line of recipients says, for this letter. Members that are not known are left out, as everywhere. */
export function readRecipient(line: Line, letter: MassLetter): ReadRecipient | RefusedRecipient {
  if ('wrong' in line) return refused(line.wrong);
  const value = parse(line.text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refused('notJson');
  if (!shape.Check(value)) return refused('misfit', fieldOf(value));
  const number = numberOf(value.recipient);
  if (number === undefined) return refused('numberInvalid', 'recipient');
  const own = ownWordsOf(value);
  if (own === null) return letter.fields.size > 0 ? withOwn(number, {}, letter) : { number, own };
  return withOwn(number, own, letter);
}

function withOwn(number: string, own: OwnWords, letter: MassLetter): ReadRecipient | RefusedRecipient {
  const unkeepable = Object.entries(own).find(([, value]) => !isKeepable(value));
  if (unkeepable) return refused('textUnkeepable', unkeepable[0]);
  const error = ownWordsError(letter, own);
  if (error && 'missing' in error) return refused('fieldMissing', error.missing);
  if (error) return refused('contentUnfit', `${error.prefix}-${String(error.code).padStart(5, '0')}`);
  return { number, own: keptOwnWords(letter, own) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldOf(value: object): string | null {
  const [first] = [...shape.Errors(value)];
  const path = first?.instancePath.split('/')[1];
  return path && path !== '' ? path.slice(0, 50) : 'recipient' in value ? null : 'recipient';
}

/** A URN or a short form as initialize takes it, or the bare number of an organization. */
function numberOf(recipient: string): string | undefined {
  if (/^\d{9}$/.test(recipient)) return isOrganizationNumber(recipient) ? recipient : undefined;
  const reference = parsePartyReference(recipient);
  return reference?.kind === 'organization' || reference?.kind === 'person' ? reference.number : undefined;
}

/** Null where a line says nothing of its own: almost every line. */
function ownWordsOf({ sendersReference, externalReferences, propertyList, fields }: RecipientLine): OwnWords | null {
  const own: { -readonly [M in keyof OwnWords]: OwnWords[M] } = {};
  if (sendersReference != null) own.sendersReference = sendersReference;
  if (externalReferences != null) own.externalReferences = externalReferences;
  if (propertyList != null) own.propertyList = propertyList;
  if (fields != null) own.fields = fields;
  return Object.keys(own).length > 0 ? own : null;
}

/** Whether the database takes a text, and all texts inside a value. */
function isKeepable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, inner]) => isKeepable(name) && isKeepable(inner));
}
