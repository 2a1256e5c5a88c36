import type { Readable } from 'node:stream';
import type { Static, TSchema } from 'typebox';
import type { Caller, Issuer } from './context.ts';
import type { ErrorRow } from './refusal.ts';

/** A token passes when its issuer is the rule's and it has all of the rule's scopes. */
export interface TokenRule {
  readonly issuer: Issuer | 'any';
  readonly all: readonly string[];
  /** It lets in who has it, and does not make its issuer one that belongs here: whoever comes short is told what does. */
  readonly isException?: true;
}

/** Pure. Whether a caller's token is one of a rule. */
export function passes(rule: TokenRule, caller: Pick<Caller, 'issuer' | 'scopes'>): boolean {
  return (rule.issuer === 'any' || rule.issuer === caller.issuer) && rule.all.every((scope) => caller.scopes.has(scope));
}

/** The coarse gate of a route: any of the rules, or `open` for a route that asks for no token. */
export type Scope = readonly TokenRule[] | 'open';

/** Bytes that came as a file of a form, already stored under a temporary key that nobody refers to yet. */
export interface ReceivedFile {
  readonly fieldName: string;
  readonly fileName: string;
  readonly key: string;
  readonly sizeBytes: number;
  /** lower-case hex */
  readonly md5: string;
  readonly sha256: string;
}

/** A JSON body, a form with files (fields are normalized into the schema's shape), a form without files as browsers and OAuth send it, a raw stream, or none. */
export type BodyKind = 'json' | 'form' | 'urlencoded' | 'bytes' | 'none';

/** An answer that is more than a JSON value with the route's one success status. */
export class Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Told once what became of the answer: whether its client has taken it to its end, as far as the connection tells. A stop of the server waits for it. */
  readonly onTaken: ((toTheEnd: boolean) => Promise<void>) | undefined;
  constructor(
    status: number,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
    onTaken?: (toTheEnd: boolean) => Promise<void>,
  ) {
    this.status = status;
    this.body = body;
    this.headers = headers;
    this.onTaken = onTaken;
  }
}

type Shape<S> = S extends TSchema ? Static<S> : undefined;

export interface RouteInput<P, Q, B> {
  readonly params: Shape<P>;
  readonly query: Shape<Q>;
  readonly body: Shape<B>;
  /** Files of a form, in the order they came. */
  readonly files: readonly ReceivedFile[];
  /** The stream of a `bytes` body. Whoever reads it must heed `maxBodyBytes`, which the adapter enforces by error. */
  readonly stream: Readable;
  /** What came after the body, once all of it has come. Names in lower case. */
  readonly trailers: () => Readonly<Record<string, string | undefined>>;
  /** The address that the connection comes from: a proxy's, where one stands before this server. */
  readonly remoteAddress: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface Route<
  C = unknown,
  P extends TSchema | undefined = undefined,
  Q extends TSchema | undefined = undefined,
  B extends TSchema | undefined = undefined,
> {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** `:name` for parameters. Matched without regard to case and to a trailing slash. */
  readonly path: string;
  readonly summary: string;
  readonly scope: Scope;
  /** May be asked by POST too, with its method in `X-HTTP-Method-Override`: a PATCH or DELETE that not every client can send. */
  readonly byPost?: true;
  /** Pages of the configured inbox origins may call it. */
  readonly cors?: boolean;
  /** Calls that one client may make in a minute, where the installation limits them; counted for each route by itself, before anything of the request is judged. */
  readonly callsPerMinute?: number;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** No body at all counts as `{}`. */
  readonly bodyMayBeEmpty?: boolean;
  readonly bodyKind?: BodyKind;
  /** Media type of a `bytes` body; `application/octet-stream` when left out, any and none for `any`. */
  readonly bodyType?: string;
  /** Of a `bytes` body: one without a media type is refused, too. */
  readonly bodyTypeNeeded?: boolean;
  /** Of a `bytes` body: it is a file, received by so many at a time. The files of a form always are. */
  readonly receivesFile?: true;
  /** What it answers is a file, given to so many at a time. */
  readonly givesFile?: true;
  /** Of a form: of each file. A larger one is kept to one byte more, for the feature to refuse. */
  readonly maxBodyBytes?: number;
  /** What is answered when nothing more of the body comes; a plain 408 when left out. One of `refusals`. */
  readonly stalled?: ErrorRow;
  /** Status → schema of the body. The first 2xx is what a plain return value answers. */
  readonly answers: Readonly<Record<number, TSchema>>;
  /** Media type of the success body when it is not `application/json`. Checked against `Accept` unless `anyAccept`. */
  readonly mediaType?: string;
  readonly anyAccept?: boolean;
  /** A browser without a token is sent to log in, where the installation has a login, and comes back with a session in the address. */
  readonly browser?: boolean;
  /** A token that has run out opens it too, for the use case to judge by `lapsedAt` and `token` whether it may go on with what it began. */
  readonly takesLapsed?: true;
  /** Pages ask by themselves, without anybody doing anything: it does not keep a browser's session from ending. */
  readonly quiet?: boolean;
  readonly refusals: readonly ErrorRow[];
  /** Whatever is refused is answered as a line of text and not as problem details, and each answer has these headers besides. */
  readonly answersInText?: Readonly<Record<string, string>>;
  readonly run: (ctx: C, caller: Caller, input: RouteInput<P, Q, B>) => Promise<unknown>;
}

/** Keeps the types of a row of the route table together; the row itself is data. */
export function route<
  C,
  P extends TSchema | undefined = undefined,
  Q extends TSchema | undefined = undefined,
  B extends TSchema | undefined = undefined,
>(row: Route<C, P, Q, B>): Route<C, P, Q, B> {
  return row;
}

/** A row whose parameter types no longer matter: what the adapter mounts. */
// biome-ignore lint/suspicious/noExplicitAny: rows of different shapes stand in one table
export type AnyRoute<C = any> = Route<C, any, any, any>;
