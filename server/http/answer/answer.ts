import { Readable } from 'node:stream';
import { type AnyRoute, Reply } from '#kernel/route.ts';
import { declaredType, isJsonType } from '../media.ts';

/** What goes out: a text, bytes, a stream or nothing. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | Readable | undefined;
  readonly onTaken?: Reply['onTaken'];
}

/** The status of a plain return value: the first success that the route declares. */
export function successOf(route: AnyRoute): number {
  const statuses = Object.keys(route.answers).map(Number);
  return statuses.find((status) => status >= 200 && status < 300) ?? 200;
}

function withCharset(mediaType: string): string {
  return (isJsonType(mediaType) || mediaType.startsWith('text/')) && !/charset=/i.test(mediaType)
    ? `${mediaType}; charset=utf-8`
    : mediaType;
}

function isEmpty(route: AnyRoute, status: number, value: unknown): boolean {
  const isNullAnswer = (route.answers[status] as { type?: string } | undefined)?.type === 'null';
  return value === undefined || status === 204 || status === 304 || (value === null && isNullAnswer);
}

/**
 * What a route's return value becomes. Its media type is the reply's own `content-type`, else the route's, else JSON. Of JSON
 * a value is written with its nulls, a text as a JSON string; of any other type a text is written as it is. Bytes and streams
 * go out untouched. `undefined`, and null where the route declares null, is an empty body.
 */
export function answerOf(route: AnyRoute, result: unknown): Answer {
  const { status, body, headers, onTaken } = result instanceof Reply ? result : new Reply(successOf(route), result);
  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const { 'content-type': ownType, ...rest } = named;
  if (isEmpty(route, status, body)) return { status, headers: named, body: undefined };
  const mediaType = withCharset(ownType ?? declaredType(route));
  const typed = { 'content-type': mediaType, ...rest };
  if (body instanceof Readable || Buffer.isBuffer(body)) return { status, headers: typed, body, onTaken };
  if (isJsonType(mediaType)) return { status, headers: typed, body: JSON.stringify(body), onTaken };
  if (typeof body === 'string') return { status, headers: typed, body, onTaken };
  throw new Error(`a route answers ${typeof body} as ${mediaType}`);
}
