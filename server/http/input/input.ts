import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { TSchema } from 'typebox';
import type { Blobs } from '#blobs/index.ts';
import type { BlobKey } from '#kernel/ids.ts';
import type { AnyRoute, ReceivedFile, RouteInput } from '#kernel/route.ts';
import { bodyKindOf } from '../media.ts';
import { bodyStream, readJson, readText } from './body.ts';
import { formLimits, readForm } from './form.ts';
import { shapeForm } from './form-shape.ts';
import { normalize, type Source } from './normalize.ts';
import { parseQuery } from './query.ts';
import { Misfit } from './refused.ts';
import { isKeepable, unkeepableText } from './text.ts';
import { compileValidator } from './validate.ts';
import type { Place, Violation } from './violations.ts';

/** Bytes that a body may hold where its route does not say. A stream is then bounded by whoever reads it, who has words of its own for too many. */
export const defaultMaxBytes = { json: 4 * 1024 * 1024, urlencoded: 64 * 1024, bytes: Number.POSITIVE_INFINITY } as const;

/** What the route's `run` gets, for any route. */
export type Input = RouteInput<undefined, undefined, undefined>;

/** A request before its body is read. */
export interface Arrived {
  readonly request: IncomingMessage;
  readonly params: Readonly<Record<string, string>>;
  /** What follows the question mark, as it came. */
  readonly queryString: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * Makes the reader of one route's requests: everything normalized and fit, or `Misfit`. Path and query are judged before a
 * byte of the body is read. Files of a form that does not fit are removed again.
 */
export function compileInput(route: AnyRoute, blobs: Blobs): (arrived: Arrived) => Promise<Input> {
  const params = fitter(route.params, 'text', 'query');
  const query = fitter(route.query, 'text', 'query');
  const kind = bodyKindOf(route);
  const isForm = kind === 'form' || kind === 'urlencoded';
  const json = route.path.startsWith('/budstikke/') ? 'own' : 'json';
  const body = fitter(route.body, isForm ? 'text' : 'json', isForm ? 'form' : json);

  return async ({ request, headers, ...given }) => {
    const head = { params: params(given.params), query: query(parseQuery(given.queryString)) };
    const misfits = [...keepable(given.params), ...head.params.violations, ...head.query.violations];
    if (misfits.length > 0) throw new Misfit(misfits);
    const remoteAddress = request.socket?.remoteAddress ?? '';
    const trailers = () => request.trailers as Readonly<Record<string, string | undefined>>;
    const facts = { params: head.params.value, query: head.query.value, headers, trailers, remoteAddress };
    const input = { ...facts, files: [], body: undefined, stream: Readable.from([]) };
    switch (kind) {
      case 'none':
        return input as unknown as Input;
      case 'bytes':
        return { ...input, stream: bodyStream(request, route.maxBodyBytes ?? defaultMaxBytes.bytes) } as unknown as Input;
      case 'json': {
        const json = await readJson(request, route.maxBodyBytes ?? defaultMaxBytes.json, route.bodyMayBeEmpty);
        return { ...input, body: demand(body(json)) } as unknown as Input;
      }
      case 'urlencoded': {
        const fields = parseQuery((await readText(request, route.maxBodyBytes ?? defaultMaxBytes.urlencoded)).trim());
        return { ...input, body: demand(body(fields)) } as unknown as Input;
      }
      case 'form': {
        const form = await readForm(request, blobs, { ...formLimits, fileBytes: route.maxBodyBytes ?? formLimits.fileBytes });
        try {
          return { ...input, files: form.files, body: demand(body(shapeForm(route.body, form.fields))) } as unknown as Input;
        } catch (error) {
          await removeFiles(blobs, form.files);
          throw error;
        }
      }
    }
  };
}

/** Removes the files of a form that came to nothing. What a transaction has bound stays. */
export async function removeFiles(blobs: Blobs, files: readonly ReceivedFile[]): Promise<void> {
  await Promise.allSettled(files.map((file) => blobs.remove(file.key as BlobKey)));
}

interface Fitted {
  readonly value: unknown;
  readonly violations: readonly Violation[];
}

function fitter(schema: TSchema | undefined, source: Source, place: Place): (given: unknown) => Fitted {
  if (!schema) return () => ({ value: undefined, violations: [] });
  const validate = compileValidator(schema, place);
  return (given) => {
    const value = normalize(schema, given, source);
    return { value, violations: validate(value) ?? [] };
  };
}

function demand({ value, violations }: Fitted): unknown {
  if (violations.length > 0) throw new Misfit(violations);
  return value;
}

function keepable(params: Readonly<Record<string, string>>): Violation[] {
  return Object.entries(params).flatMap(([key, value]) => (isKeepable(value) ? [] : [{ key, detail: unkeepableText }]));
}
