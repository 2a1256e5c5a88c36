import type { AnyRoute, BodyKind } from '#kernel/route.ts';

/** The media type without its parameters, in lower case. */
export function bareType(header: string): string {
  return header.split(';', 1)[0]!.trim().toLowerCase();
}

export function isJsonType(mediaType: string): boolean {
  const bare = bareType(mediaType);
  return bare === 'application/json' || bare === 'text/json' || bare.endsWith('+json');
}

/** What the route's success body is declared as. */
export function declaredType(route: AnyRoute): string {
  return route.mediaType ?? 'application/json';
}

/**
 * True when the caller takes what the route gives: one listed type equals the declared one or is any type. Compared
 * literally, without parameters; `application/*` matches nothing. No header, or an empty one, takes everything.
 *
 * Source: compatibility.md, correspondence, §1.1.
 */
export function accepts(route: AnyRoute, accept: string | undefined): boolean {
  if (route.anyAccept || accept === undefined || accept.trim() === '') return true;
  const declared = declaredType(route).split(';', 1)[0]!.trim();
  return accept.split(',').some((entry) => {
    const listed = entry.split(';', 1)[0]!.trim();
    return listed === declared || listed === '*/*';
  });
}

export function bodyKindOf(route: AnyRoute): BodyKind {
  return route.bodyKind ?? (route.body ? 'json' : 'none');
}

const charsets = new Set(['utf-8', 'utf8', 'us-ascii']);

function charsetOf(contentType: string): string {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1]?.toLowerCase() ?? 'utf-8';
}

/** The media type of a body that is taken as bytes. */
export function bytesTypeOf(route: AnyRoute): string {
  return route.bodyType === undefined || route.bodyType === 'any' ? 'application/octet-stream' : route.bodyType;
}

/** True when the body's declared type is one that the route reads. What a route without a body is sent does not matter. */
export function readsType(route: AnyRoute, contentType: string | undefined): boolean {
  switch (bodyKindOf(route)) {
    case 'none':
      return true;
    case 'json':
      return contentType === undefined || (isJsonType(contentType) && charsets.has(charsetOf(contentType)));
    case 'form':
      return contentType !== undefined && bareType(contentType) === 'multipart/form-data';
    case 'urlencoded':
      return contentType === undefined || bareType(contentType) === 'application/x-www-form-urlencoded';
    case 'bytes':
      if (contentType === undefined) return !route.bodyTypeNeeded;
      return route.bodyType === 'any' || bareType(contentType) === bytesTypeOf(route);
  }
}
