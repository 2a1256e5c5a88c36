import type { Party } from '#register/index.ts';
import { type PostKind, postKinds } from '../policies.ts';
import type { Counts, Statement } from './compose-statement.ts';
import { kindsToldOf } from './kinds-told-of.ts';
import { type StatementWords, statementWords, type Words } from './words.ts';

interface Writing {
  readonly broken: readonly string[];
  /** The kinds of post that it is to tell of. */
  readonly kinds: readonly PostKind[];
  readonly language: Party['language'];
}

/** Pure. The statement for people, or what it says of these kinds of post. */
export function textOf(s: Statement, sha256: string, { broken, kinds, language }: Writing): string {
  const words = statementWords[language];
  const isWhole = kindsToldOf(s).every((kind) => kinds.includes(kind));
  const ofOne = (kind: PostKind) => [`  ${words.onlyYours}: ${words.titles[kind].toLowerCase()}.`, ...partOf(countsOf(s, kind), words)];
  return [
    words.heading(s.day, s.from, s.to),
    ...(isWhole ? wholeOf(s, words) : kinds.flatMap(ofOne)),
    broken.length === 0 ? `  ${words.addsUp}` : `  ${words.broken}: ${broken.join('; ')}`,
    `  SHA-256 ${sha256}${isWhole ? '' : ` ${words.ofAll}`}`,
    '',
  ].join('\n');
}

const countsOf = (s: Statement, kind: PostKind): Counts => (kind === 'file' ? s.files : s.messages);

function wholeOf(s: Statement, words: StatementWords): string[] {
  return [
    ...partOf(s, words),
    ...postKinds.map((kind) => `  ${words.titles[kind]}: ${words.stock(countsOf(s, kind).stock)}`),
    ...(s.forAnother ? forAnotherOf(s.forAnother, words) : []),
  ];
}

/** Left out where there is nothing to tell. */
function forAnotherOf(counts: Counts, words: StatementWords): string[] {
  if (Object.values(counts.stock).every((n) => n === 0)) return [];
  return [`  ${words.forAnother}`, ...partOf(counts, words)];
}

function partOf(counts: Counts, words: StatementWords): string[] {
  const stock = words.stock(counts.stock);
  return [
    `  ${stock[0]!.toUpperCase()}${stock.slice(1)}`,
    ...section(words.closed, counts.closedBy, words.outcomes),
    ...section(words.why, counts.openBy, words.causes),
    ...section(words.age, counts.openAge, words.ages),
    ...section(words.who, counts.openByClass, words.classes),
  ];
}

function section(title: string, counts: Readonly<Record<string, number>>, words: Words): string[] {
  const some = Object.entries(counts).filter(([, n]) => n > 0);
  return some.length === 0 ? [] : [`  ${title}`, ...some.map(([key, n]) => `    ${String(n).padStart(8)}  ${words[key] ?? key}`)];
}
