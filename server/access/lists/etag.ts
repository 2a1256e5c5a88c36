import { createHash } from 'node:crypto';
import { refuse } from '#kernel/refusal.ts';
import { listErrors as e } from './errors.ts';

/** Conditions that a request sets on the version of a list (RFC 9110, §13.1). */
export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

export function conditionsOf(headers: Readonly<Record<string, string | undefined>>): Conditions {
  return { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] };
}

/** Of one list: another of the same name, made after it was removed, begins at the same version. */
export function etagOf(list: { readonly version: number; readonly id: string }): string {
  return `"${list.version}-${createHash('sha256').update(list.id).digest('hex').slice(0, 8)}"`;
}

/** Pure. Whether one of the tags that are listed is this one; `*` is any that exists. */
export function matches(header: string, list: { readonly version: number; readonly id: string } | undefined): boolean {
  if (!list) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etagOf(list));
}

/** Refuses listChanged when a condition on the list, or on there being none, is not met. */
export function refuseUnmet(
  { ifMatch, ifNoneMatch }: Conditions,
  list: { readonly version: number; readonly id: string } | undefined,
): void {
  if (ifMatch !== undefined && !matches(ifMatch, list)) throw refuse(e.listChanged);
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, list)) throw refuse(e.listChanged);
}
