import assert from 'node:assert/strict';
import { type Client, organizationUrn, personUrn } from './client.ts';

/** What stands under /budstikke/v1, as the demo and the journeys read it. */

export interface Watch {
  readonly publishedAt: string | null;
  readonly openedAt: string | null;
  readonly class: string;
  readonly cause: string | null;
  readonly nextAction: string | null;
  readonly nextActionAt: string | null;
  readonly outcome: string | null;
}

export interface TimelineEntry {
  readonly event: string;
  readonly proves: string;
  readonly at: string;
  readonly core: Readonly<Record<string, unknown>>;
  readonly who: Readonly<Record<string, unknown>>;
  readonly what: Readonly<Record<string, unknown>>;
}

export interface InvariantReport {
  readonly holds: boolean;
  readonly openWatches: number;
  readonly invariants: readonly { readonly name: string; readonly holds: boolean; readonly violations: number }[];
}

export function watchOf(sender: Client, id: string): Promise<Watch> {
  return ask<Watch>(sender, `/budstikke/v1/correspondence/${id}/watch`);
}

/** The evidence of a message, oldest first. */
export async function timelineOf(sender: Client, id: string): Promise<readonly TimelineEntry[]> {
  return (await ask<{ entries: readonly TimelineEntry[] }>(sender, `/budstikke/v1/correspondence/${id}/timeline`)).entries;
}

export interface Advanced {
  /** The time that it is then. */
  readonly now: string;
  /** What fell due on the way, in order. */
  readonly stops: readonly { readonly at: string; readonly due: string }[];
}

/** Lets time pass in a sandbox, and everything with it that falls due. */
export async function advanceClock(client: Client, duration: string): Promise<Advanced> {
  const answer = await client.post('/budstikke/v1/sandbox/clock', { advance: duration });
  assert.equal(answer.status, 200, answer.text.slice(0, 300));
  return answer.json<Advanced>();
}

export function invariantsOf(client: Client): Promise<InvariantReport> {
  return ask<InvariantReport>(client, '/budstikke/v1/watch/invariants');
}

async function ask<T>(client: Client, path: string): Promise<T> {
  const answer = await client.get(path);
  assert.equal(answer.status, 200, `${path} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
  return answer.json<T>();
}

/** What stands on an envelope that nobody at the recipient can open: not its title, and not even its number. */
export interface Envelope {
  /** By which access is given in one step. */
  readonly id: string;
  readonly party: { readonly name: string; readonly number: string | null };
  readonly sender: { readonly name: string; readonly organizationNumber: string | null };
  readonly publishedAt: string;
  readonly confidential: boolean;
  readonly right: { readonly packages: readonly string[]; readonly resource: string | null };
}

/** The sealed envelopes that this person could give access to, and the whole answer as it came. */
export async function sealedTo(grantor: Client): Promise<{ envelopes: readonly Envelope[]; text: string }> {
  const answer = await grantor.get('/budstikke/v1/sealed');
  assert.equal(answer.status, 200, answer.text.slice(0, 300));
  return { envelopes: answer.json<{ sealed: Envelope[] }>().sealed, text: answer.text };
}

export interface PackageGrant {
  /** Number of the organization whose post it is. */
  readonly at: string;
  /** Number of the person who gets the right. */
  readonly to: string;
  /** Its last name: a number alone tells nothing about a person. */
  readonly lastName: string;
  readonly package: string;
}

/** Gives somebody a package at an organization. Answers the grant's id. */
export async function grantPackage(grantor: Client, { at, to, lastName, package: code }: PackageGrant): Promise<string> {
  const answer = await grantor.post('/budstikke/v1/grants', { at: organizationUrn(at), to: personUrn(to), lastName, package: code });
  assert.equal(answer.status, 201, answer.text.slice(0, 300));
  return answer.json<{ id: string }>().id;
}

export async function revokeGrant(grantor: Client, id: string): Promise<void> {
  const answer = await grantor.delete(`/budstikke/v1/grants/${id}`);
  assert.equal(answer.status, 204, answer.text.slice(0, 300));
}
