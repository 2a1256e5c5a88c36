import { type Position, partiesOf, positionsOf } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { findParties, type Party, partyUrn } from '#register/index.ts';
import { endUser } from './find-dialog.ts';
import type { Parties } from './wire/requests.ts';

/**
 * Whom the caller acts for, subunits beneath their main units. What may be done there each dialog tells.
 * Refuses callerNotEndUser. Source: compatibility.md, platform, §5.2.
 */
export async function listParties(ctx: Context, caller: Caller): Promise<Parties> {
  const subject = endUser(caller);
  const [found, positions] = await Promise.all([
    partiesOf(ctx.db, subject).then((ids) => findParties(ctx.db, ids)),
    positionsOf(ctx.db, subject),
  ]);
  const positionAt = new Map(positions.map((position) => [position.at, position]));
  const parties = [...found.values()].filter(({ kind }) => kind !== 'system-user').sort((a, b) => a.name.localeCompare(b.name, 'nb'));
  const show = (party: Party) => shown(party, positionAt.get(party.id), party.id === subject);
  const isBeneath = ({ parentId }: Party): boolean => parentId !== null && found.has(parentId);
  const beneath = Map.groupBy(parties.filter(isBeneath), ({ parentId }) => parentId);
  return {
    authorizedParties: parties
      .filter((party) => !isBeneath(party))
      .map((party) => ({ ...show(party), subParties: (beneath.get(party.id) ?? []).map(show) })),
  };
}

function shown(party: Party, position: Position | undefined, isSelf: boolean) {
  return {
    party: partyUrn(party),
    partyUuid: party.id,
    partyId: party.partyId,
    name: party.name,
    dateOfBirth: null,
    partyType: party.kind === 'person' ? 'Person' : 'Organization',
    isDeleted: !party.alive,
    hasKeyRole: position?.hasKeyRole ?? false,
    isCurrentEndUser: isSelf,
    isMainAdministrator: position?.isMainAdministrator ?? false,
    isAccessManager: position?.isAccessManager ?? false,
    hasOnlyAccessToSubParties: false,
  };
}
