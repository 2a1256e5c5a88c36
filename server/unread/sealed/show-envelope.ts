import { findPackageNames, findResource, packagesToGive } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { listNotices } from '#notifications/index.ts';
import { findParties } from '#register/index.ts';
import { ageInDays, findSealed, missingIn, type Sealed } from '#watch/index.ts';
import { unreadErrors as e } from '../errors.ts';
import type { Envelope } from './wire.ts';

/** Notices that told somebody that there is sealed post. */
const toldOfSealed: readonly string[] = ['sealed', 'sealed-attachment'];

/**
 * The outside of post that nobody at the recipient can open, or an attachment of which nobody can, for a person who could let somebody in: sender, time, age, the right that
 * it takes, and who else was told. Everybody else is told the same as of post that does not exist. Refuses sealedNotFound.
 */
export function showEnvelope(ctx: Context, caller: Caller, id: string): Promise<Envelope> {
  return ctx.db.transaction(async (tx) => {
    const person = caller.kind === 'person' ? caller.subject : null;
    const sealed = person ? await findSealed(tx, person, id) : undefined;
    if (!sealed) throw refuse(e.sealedNotFound, { id });
    const others = new Set(sealed.openability.grantors.flatMap(({ party }) => (party === person ? [] : [party])));
    const notices = (await listNotices(tx, [id])).filter(
      ({ to, party, purpose, state }) =>
        to !== null && others.has(to) && party === sealed.party && toldOfSealed.includes(purpose) && state !== 'cancelled',
    );
    const parties = await findParties(tx, [sealed.party, sealed.sender, ...others]);
    const [party, sender] = [parties.get(sealed.party)!, parties.get(sealed.sender)];
    const { attachmentLocked } = missingIn(sealed, sealed.openability);
    const { packages, shown } = await rightOf(tx, sealed);
    const mayGive = await packagesToGive(tx, caller, party, packages);
    const names = await findPackageNames(tx, packages);
    const firstTold = new Map(notices.toReversed().map(({ to, dueAt }) => [to!, dueAt] as const));
    return {
      id,
      party: { id: party.id, name: party.name, number: party.kind === 'organization' ? party.number : null },
      sender: { name: sender?.name ?? '', organizationNumber: sender?.kind === 'organization' ? sender.number : null },
      publishedAt: sealed.publishedAt.toISOString(),
      ageDays: ageInDays(sealed.publishedAt, ctx.now()),
      confidential: sealed.confidential,
      attachmentLocked,
      isLetLie: sealed.isLetLie,
      right: {
        packages: packages.map((code) => ({ code, name: names.get(code) ?? null, youMayGive: mayGive.has(code) })),
        resource: shown,
      },
      told: [...firstTold].map(([to, at]) => ({ name: parties.get(to)?.name ?? '', at: at.toISOString() })),
    };
  });
}

/**
 * The right that it takes: the packages that have it, and the service where that may be told. The name of a confidential service can say
 * what the letter is about: it is named only when nothing else tells which right it takes.
 */
export async function rightOf(
  reader: Reader,
  sealed: Sealed,
): Promise<{ readonly packages: readonly string[]; readonly shown: ResourceId | null }> {
  const { missing } = missingIn(sealed, sealed.openability);
  const packages = (await findResource(reader, missing))?.packages ?? [];
  return { packages, shown: sealed.confidential && packages.length > 0 ? null : missing };
}
