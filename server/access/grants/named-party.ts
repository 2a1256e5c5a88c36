import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, findParty, type Party, parsePartyReference, resolveParties } from '#register/index.ts';
import { accessErrors } from '../errors.ts';
import { type MayName, personNamed } from './person-named.ts';

const byUuid = /^urn:altinn:(party|systemuser):uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * The party that a member of a request names. Called outside transactions: a sandbox may let it come to be.
 * Refuses partyReferenceInvalid, partyUnknown, naming the member and never the number.
 */
export async function namedParty(ctx: Context, field: string, text: string): Promise<Party> {
  const party = await findNamedParty(ctx, field, text);
  if (!party) throw refuse(accessErrors.partyUnknown, { field });
  return party;
}

/**
 * The same, undefined where nobody is known by the name: for callers who must not learn which persons are known here.
 * Refuses partyReferenceInvalid.
 */
export async function findNamedParty(ctx: Context, field: string, text: string): Promise<Party | undefined> {
  const [, kind, id] = byUuid.exec(text.toLowerCase()) ?? [];
  const party = id ? await findParty(ctx.db, id as PartyId) : await byNumber(ctx, field, text);
  return kind === 'systemuser' && party?.kind !== 'system-user' ? undefined : party;
}

/** Whoever is known of many, by the name that was given. Refuses partyReferenceInvalid, with the place in the list. */
export async function findNamedParties(ctx: Context, field: string, texts: readonly string[]): Promise<Map<string, Party>> {
  const named = texts.map((text, i) => {
    const id = byUuid.exec(text.toLowerCase())?.[2] as PartyId | undefined;
    const number = id ? undefined : parsePartyReference(text)?.number;
    if (!id && !number) throw refuse(accessErrors.partyReferenceInvalid, { field: texts.length > 1 ? `${field}[${i}]` : field });
    return { text, id, number };
  });
  const numbers = [...new Set(named.flatMap(({ number }) => number ?? []))];
  const byNumbers = numbers.length > 0 ? await resolveParties(ctx, numbers) : new Map<string, Party>();
  const byIds = await findParties(ctx.db, [...new Set(named.flatMap(({ id }) => id ?? []))]);
  return new Map(
    named.flatMap(({ text, id, number }) => {
      const party = id ? byIds.get(id) : byNumbers.get(number!);
      return party ? [[text, party] as const] : [];
    }),
  );
}

/** Whether the name is that of an organization, which is no secret. */
export function namesOrganization(text: string): boolean {
  return parsePartyReference(text)?.kind === 'organization';
}

async function byNumber(ctx: Context, field: string, text: string): Promise<Party | undefined> {
  const reference = parsePartyReference(text);
  if (!reference) throw refuse(accessErrors.partyReferenceInvalid, { field });
  return (await resolveParties(ctx, [reference.number])).get(reference.number);
}

/**
 * Who is to get access. A person by number and last name together, so that numbers cannot be tried out: one who is not known, one who
 * is dead and one by another name look the same, and whoever may not give learns nothing. Nobody needs a name for itself.
 * Refuses partyReferenceInvalid, lastNameMissing, guessedTooOften, and for a person by number what `mayName` does.
 */
export async function findRecipient(
  ctx: Context,
  caller: Caller,
  { text, lastName }: { readonly text: string; readonly lastName: string | null },
  mayName: MayName,
): Promise<Party | undefined> {
  const reference = parsePartyReference(text);
  if (reference?.kind !== 'person') return findNamedParty(ctx, 'to', text);
  const own = caller.subject ? await findParty(ctx.db, caller.subject) : undefined;
  if (own?.number === reference.number) return own;
  if (!lastName?.trim()) throw refuse(accessErrors.lastNameMissing);
  return personNamed(ctx, caller, { number: reference.number, lastName }, mayName);
}
