import { canonicalJson } from './canonical.ts';
import type { EvidenceEvent } from './event-names.ts';
import type { Proves } from './levels.ts';

/** One thing that happened. Members that are Date come out as instants with milliseconds, in UTC. */
export interface EvidenceRow {
  /** Where somebody will ask whether it was recorded (`findRecorded`), since it may be written again after a lost commit. */
  readonly id?: string;
  readonly event: EvidenceEvent;
  /** The message, attachment or file transfer. */
  readonly about: string;
  readonly recipient?: string | null;
  readonly at: Date;
  readonly proves: Proves;
  /** What, when, which: nothing that identifies a person, no hash of content. */
  readonly core?: object;
  /** Persons, rights, addresses, clients, other people's free text. */
  readonly who?: object;
  /** File names and hashes of content. */
  readonly what?: object;
}

/** The three canonical texts of a row. They are salted apart later, so that one can be erased and the others stay valid. */
export interface Parts {
  readonly core: string;
  readonly who: string;
  readonly what: string;
}

const given = ['event', 'id', 'message', 'proves', 'recipient', 'time', 'v'];

/**
 * The parts of one row. `core` gets event, id, message, proves, recipient, time and version here; nobody else may write those.
 *
 * Throws when a part holds what belongs in another: in `core` an identity number, an e-mail address, a telephone number or a
 * hash, or a time that is not canonical; in `core` or `who` a member that is named for a hash or a file. A
 * resource is named by its owner, and may look like anything. The values in `who`
 * are other people's words, and may be anything. Source: compatibility.md, evidence, §2.2.
 */
export function partsOf(id: string, row: EvidenceRow): Parts {
  const own = row.core ?? {};
  const taken = Object.keys(own).find((name) => given.includes(name));
  if (taken) throw new Error(`evidence: core.${taken} is written by the record itself`);
  const { resource: _aName, ...others } = own as { resource?: unknown };
  for (const value of stringsOf(others)) refuseIn('core', value, notInCore);
  refuseNames('core', own);

  const core = {
    ...own,
    v: 1,
    event: row.event,
    id,
    message: row.about,
    proves: row.proves,
    recipient: row.recipient ?? undefined,
    time: row.at,
  };
  return { core: canonicalJson(core), who: shared(row.who ?? nothing, textOfWho), what: shared(row.what ?? nothing, canonicalJson) };
}

const nothing = {};

/** All rows of one request name the same actor and content: the text of such an object is made once, for as long as the object lives. */
const texts = new WeakMap<object, string>();

function shared(part: object, textOf: (part: object) => string): string {
  const known = texts.get(part);
  if (known !== undefined) return known;
  const text = textOf(part);
  texts.set(part, text);
  return text;
}

function textOfWho(who: object): string {
  refuseNames('who', who);
  return canonicalJson(who);
}

interface Rule {
  readonly name: string;
  readonly holds: (value: string) => boolean;
}

const notInCore: readonly Rule[] = [
  { name: 'a hash', holds: (v) => /^([0-9a-f]{32}|[0-9a-f]{64})$/i.test(v) },
  // Standing alone: eleven digits can lie in the middle of a UUID.
  { name: 'an identity number', holds: (v) => /(?<![\w-])\d{11}(?![\w-])/.test(v) },
  { name: 'an e-mail address', holds: (v) => /\S@\S/.test(v) },
  { name: 'a telephone number', holds: (v) => /(^|\s)(\+|00)\d[\d ]{6,}/.test(v) },
  {
    name: 'a time that is not canonical',
    holds: (v) => /^\d{4}-\d\d-\d\dT/.test(v) && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(v),
  },
];

/** The fault names the rule and never the value: a fault reaches the log. */
function refuseIn(part: string, value: string, rules: readonly Rule[]): void {
  const broken = rules.find((rule) => rule.holds(value));
  if (broken) throw new Error(`evidence: ${part} must not hold ${broken.name}`);
}

function refuseNames(part: string, value: object): void {
  const broken = Object.keys(value).find((name) => /sha|md5|hash|digest|file_?name/i.test(name));
  if (broken) throw new Error(`evidence: ${part} must not hold ${broken}, which belongs in what`);
}

function* stringsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  if (typeof value !== 'object' || value === null || value instanceof Date) return;
  for (const inner of Object.values(value)) yield* stringsOf(inner);
}
