import printed from './refusals.json' with { type: 'json' };
import type { Answer } from './transport.ts';

/** What has no row of its own: refused before an operation looked at it, or not the caller's fault. */
const unnamed = {
  400: 'misfit',
  401: 'unauthenticated',
  403: 'scopeMissing',
  404: 'unknownAddress',
  413: 'tooLarge',
  429: 'tooManyCalls',
  503: 'overloaded',
} as const;

type Unnamed = (typeof unnamed)[keyof typeof unnamed] | 'refused' | 'fault';
export type RefusalName = Exclude<keyof typeof printed, '$comment'> | Unnamed;

/** What the server says when it says no. `name` is that of the error catalogue. */
export class Refused extends Error {
  readonly refusal: RefusalName;
  readonly status: number;
  /** As it stands on the wire: `BRO-00001`. */
  readonly code: string | undefined;
  readonly traceId: string | undefined;
  readonly retryAfter: string | undefined;
  constructor(
    refusal: RefusalName,
    message: string,
    answer: Pick<Answer, 'status' | 'headers'>,
    more: { code?: string; traceId?: string },
  ) {
    super(message);
    this.name = 'Refused';
    this.refusal = refusal;
    this.status = answer.status;
    this.code = more.code;
    this.traceId = more.traceId;
    this.retryAfter = answer.headers['retry-after'];
  }
}

interface Problem {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly traceId?: string;
  readonly errors?: Readonly<Record<string, readonly string[]>>;
}

interface Row {
  readonly code: string;
  readonly status: number;
  readonly text: string;
}

const { $comment: _, ...rows } = printed;
const byName = Object.entries(rows) as [RefusalName, Row][];
const patterns = byName
  .map(([name, row]) => ({ name, row, isAny: /^\{\w+\}$/.test(row.text), pattern: asPattern(row.text) }))
  .sort((a, b) => Number(a.isAny) - Number(b.isAny));

/** Pure. A refusal out of an answer: problem details by their code, a line of text by its words, anything else by its status. */
export function readRefusal(answer: Pick<Answer, 'status' | 'headers'>, body: string): Refused {
  const { status, headers } = answer;
  if (/json/.test(headers['content-type'] ?? '')) {
    const { code, title, detail, traceId, errors = {} } = problemIn(body);
    const name = byName.find(([, row]) => row.code === code)?.[0] ?? nameOf(status);
    const wrongs = Object.entries(errors).flatMap(([where, whats]) => whats.map((what) => (where === '' ? what : `${where}: ${what}`)));
    const message = wrongs.length > 0 ? wrongs.join('\n') : (detail ?? title ?? `the server answered ${status}`);
    return new Refused(name, message, answer, { ...(code ? { code } : {}), ...(traceId ? { traceId } : {}) });
  }
  const line = body.trim();
  const found = line === '' ? undefined : patterns.find(({ row, pattern }) => row.status === status && pattern.test(line));
  if (found) return new Refused(found.name, line, answer, { code: found.row.code });
  // What answers HEAD has no words, and 401 is more than one thing.
  const isUnnamed = line === '' && status === 401 && headers['www-authenticate'] === undefined;
  return new Refused(isUnnamed ? 'refused' : nameOf(status), sayingOf(status, headers['content-type'], line), answer, {});
}

const sayings: Readonly<Record<number, string>> = {
  401: 'the token is not taken: it is missing, has expired, is not trusted here, or is not for this',
  403: 'the token lacks the scope that this takes',
};

function sayingOf(status: number, type: string | undefined, line: string): string {
  if (line !== '' && line.length < 500 && type?.startsWith('text/plain')) return line;
  return sayings[status] ?? `the server answered ${status}`;
}

function nameOf(status: number): RefusalName {
  return unnamed[status as keyof typeof unnamed] ?? (status >= 500 ? 'fault' : 'refused');
}

function problemIn(body: string): Problem {
  try {
    return (JSON.parse(body) ?? {}) as Problem;
  } catch {
    return {};
  }
}

function asPattern(text: string): RegExp {
  const parts = text.split(/\{\w+\}/).map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
