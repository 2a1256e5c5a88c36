import { createHash } from 'node:crypto';
import { canonicalJson } from '#evidence/index.ts';
import type { PartyId } from '#kernel/ids.ts';
import { causes, outcomes } from '#watch/index.ts';
import { ages } from '../ages.ts';
import type { Cell, Day, Independent, StoredStatement } from '../store/statement.ts';
import type { Opened30 } from '../store/time-to-open.ts';

/** `returned`: letters that had ended as relayed and came back from paper. Older statements know none. */
const stock = ['openBefore', 'accepted', 'returned', 'closed', 'openAfter'] as const;
const classes = ['UNREACHABLE', 'GRANTABLE', 'COLD', 'REACHABLE', 'PROVEN', 'UNKNOWN'] as const;
/** Of what has changed since the day's end, and has no history by which it could be told: counted as this, and never as it is now. */
const notKnown = 'not-known';
const parts = {
  stock,
  closedBy: outcomes,
  openBy: [...causes, 'younger-than-a-day'],
  openAge: ages,
  openByClass: [...classes, notKnown],
  nextAction: ['within-a-day', 'later', 'overdue', 'none', notKnown],
  acts: ['published', 'opened', 'confirmed'],
} as const;

/** Counts of a sender's post, all of it or that of one resource; each part with every one of its keys. */
export type Counts = { readonly [P in keyof typeof parts]: Readonly<Record<string, number>> };

/**
 * What a sender is told of one day in Norway. All numbers count pairs of a piece of post and a recipient. Those of version 1, made before
 * files were counted twice, lack `acceptedFiles` and `forAnother`.
 */
export interface Statement extends Counts {
  readonly v: 1 | 2;
  readonly sender: PartyId;
  readonly day: string;
  readonly zone: 'Europe/Oslo';
  readonly from: string;
  readonly to: string;
  readonly madeAt: string;
  readonly messages: Counts;
  readonly files: Counts;
  readonly resources: readonly (Counts & { readonly resource: string })[];
  /** Messages that were accepted, counted from the messages themselves. */
  readonly acceptedMessages: number;
  /** Files to recipients that were accepted, counted from the files themselves. */
  readonly acceptedFiles?: number;
  /** Accepted and not watched, messages and files: must be none. */
  readonly silent: number;
  /** Messages that it has sent on services of others, which answer for them: none of them is in the numbers above. */
  readonly forAnother?: ForAnother;
  /** Of what was published in the thirty days until the day's end; null where nothing was. Older ones do not tell files apart. */
  readonly timeToOpen: (Omit<Opened30, 'sender' | 'publishedFiles'> & Partial<Pick<Opened30, 'publishedFiles'>>) | null;
  readonly previous: {
    readonly day: string;
    readonly sha256: string;
    readonly openAfter: number;
    /** Null of a statement that did not count it. */
    readonly openAfterForAnother?: number | null;
  } | null;
}

interface ForAnother extends Counts {
  readonly resources: Statement['resources'];
  /** Counted from the messages themselves, and who sent them. */
  readonly acceptedMessages: number;
  /** Accepted and not watched; left out by older statements, which counted it with nobody's. */
  readonly silent?: number;
}

/** All that is known of one sender's day. */
export interface Counted {
  readonly cells: readonly Cell[];
  readonly independent: Independent | undefined;
  readonly opened: Opened30 | undefined;
  readonly previous: StoredStatement | undefined;
}

/** Pure. A day of one sender, out of what was counted. */
export function composeStatement(sender: PartyId, day: Day, madeAt: Date, { cells, independent, opened, previous }: Counted): Statement {
  const before = previous && (JSON.parse(previous.canonical) as Statement);
  const [own = [], forAnother = []] = [false, true].map((wanted) => cells.filter((cell) => cell.forAnother === wanted));
  return {
    v: 2,
    sender,
    day: day.day,
    zone: 'Europe/Oslo',
    from: day.from.toISOString(),
    to: day.to.toISOString(),
    madeAt: madeAt.toISOString(),
    ...sumOf(own),
    messages: sumOf(own.filter(({ isFile }) => !isFile)),
    files: sumOf(own.filter(({ isFile }) => isFile)),
    resources: byResource(own),
    acceptedMessages: independent?.messages ?? 0,
    acceptedFiles: independent?.files ?? 0,
    silent: independent?.unwatched ?? 0,
    forAnother: {
      ...sumOf(forAnother),
      resources: byResource(forAnother),
      acceptedMessages: independent?.forAnother ?? 0,
      silent: independent?.forAnotherUnwatched ?? 0,
    },
    timeToOpen: opened ? withoutSender(opened) : null,
    previous:
      previous && before
        ? {
            day: previous.day,
            sha256: previous.sha256,
            openAfter: before.stock.openAfter!,
            openAfterForAnother: before.forAnother?.stock.openAfter ?? null,
          }
        : null,
  };
}

const byResource = (cells: readonly Cell[]): Statement['resources'] =>
  [...new Set(cells.map(({ resource }) => resource))].map((resource) => ({
    resource,
    ...sumOf(cells.filter((cell) => cell.resource === resource)),
  }));

const withoutSender = ({ sender: _sender, ...numbers }: Opened30) => numbers;

function sumOf(cells: readonly Cell[]): Counts {
  const of = (part: string, keys: readonly string[]) =>
    Object.fromEntries(
      keys.map((key) => [key, cells.filter((cell) => cell.part === part && cell.key === key).reduce((sum, { n }) => sum + n, 0)]),
    );
  return Object.fromEntries(Object.entries(parts).map(([part, keys]) => [part, of(part, keys)])) as Counts;
}

const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, n) => sum + n, 0);

type Rules<T> = Readonly<Record<string, (counted: T) => boolean>>;

/** What must hold of all that is counted. */
const sums: Rules<Counts> = {
  'openAfter = openBefore + accepted + returned - closed': ({ stock: s }) =>
    s.openAfter === s.openBefore! + s.accepted! + (s.returned ?? 0) - s.closed!,
  'closedBy adds up to closed': ({ closedBy, stock: s }) => total(closedBy) === s.closed,
  'openBy adds up to openAfter': ({ openBy, stock: s }) => total(openBy) === s.openAfter,
  'openAge adds up to openAfter': ({ openAge, stock: s }) => total(openAge) === s.openAfter,
  'openByClass adds up to openAfter': ({ openByClass, stock: s }) => total(openByClass) === s.openAfter,
  'openByClass fits openBy': ({ openBy, openByClass: by }) =>
    by.UNREACHABLE! >= openBy['no-opener']! && by.GRANTABLE! >= openBy['grant-needed']!,
  'nextAction adds up to openAfter': ({ nextAction, stock: s }) => total(nextAction) === s.openAfter,
  'everything open has a next action': ({ nextAction }) => nextAction.none === 0,
};

/** What must hold of a statement, by name. */
const rules: Rules<Statement> = {
  ...sums,
  'openBefore is openAfter of the statement before': ({ previous, stock: s }) => previous === null || previous.openAfter === s.openBefore,
  'accepted messages are those that there are': ({ messages, acceptedMessages }) => messages.stock.accepted === acceptedMessages,
  'accepted files are those that there are': ({ v, files, acceptedFiles }) => v === 1 || files.stock.accepted === acceptedFiles,
  'messages and files add up to all': ({ messages, files, ...all }) => isSum([messages, files], all),
  'resources add up to all': ({ resources, ...all }) => isSum(resources, all),
  'nothing is silent': ({ silent }) => silent === 0,
  ...ofForAnother({
    ...sums,
    'resources add up to all': ({ resources, ...all }) => isSum(resources, all),
    'accepted messages are those that there are': ({ stock, acceptedMessages }) => stock.accepted === acceptedMessages,
    'nothing is silent': ({ silent }) => (silent ?? 0) === 0,
  }),
  'for another: openBefore is openAfter of the statement before': ({ v, previous, forAnother }) =>
    v === 1 || (previous?.openAfterForAnother ?? forAnother?.stock.openBefore) === forAnother?.stock.openBefore,
};

/** The same rules of what is sent on services of others; a statement that did not count it breaks none. */
function ofForAnother(of: Rules<ForAnother>): Rules<Statement> {
  return Object.fromEntries(
    Object.entries(of).map(([name, holds]) => [
      `for another: ${name}`,
      ({ v, forAnother }: Statement) => v === 1 || (forAnother !== undefined && holds(forAnother)),
    ]),
  );
}

export const ruleNames: readonly string[] = Object.keys(rules);

/** Pure. The names of the rules that a statement breaks: whoever holds a statement can ask them again. */
export function brokenRules(statement: Statement): string[] {
  return ruleNames.filter((name) => !rules[name]!(statement));
}

function isSum(of: readonly Counts[], all: Counts): boolean {
  return Object.entries(parts).every(([part, keys]) =>
    keys.every((key) => {
      const n = (counts: Counts) => counts[part as keyof Counts][key] ?? 0;
      return of.reduce((sum, counts) => sum + n(counts), 0) === n(all);
    }),
  );
}

/** Pure. The statement as it is kept: its canonical text, the hash of that, and what does not add up. */
export function sealStatement(statement: Statement): StoredStatement {
  const canonical = canonicalJson(statement);
  return {
    sender: statement.sender,
    day: statement.day,
    madeAt: new Date(statement.madeAt),
    canonical,
    sha256: createHash('sha256').update(canonical).digest('hex'),
    previousSha256: statement.previous?.sha256 ?? null,
    broken: brokenRules(statement),
  };
}
