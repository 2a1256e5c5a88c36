import { type EventRow, publishEvents } from '#events/index.ts';
import { type Actor, type EvidenceRow, recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties, type Party, partyUrn } from '#register/index.ts';
import { listHearers, noteRelayed, noteRelayFailed, noteReturned, watchKey } from '#watch/index.ts';
import type { ShipmentState } from './states.ts';
import type { Shipment } from './store.ts';

/** What has become of a letter on its way to paper, and by whose word. */
export interface ShipmentNews {
  readonly shipment: Shipment;
  /** `not-stopped`: nobody wants it printed any more, and the house has it. */
  readonly became: Exclude<ShipmentState, 'accepted'> | 'not-stopped';
  readonly reason: string | null;
  /** Of the letter, where it was dropped. */
  readonly letterSha256?: string | null;
  /** And by which way the word came, where nobody showed a token. */
  readonly actor: Actor & { readonly source?: string };
  /** The print house's own words. */
  readonly answer?: string | null;
  /** When the print house says it was. */
  readonly saidAt?: Date | null;
}

/**
 * Everything that follows: evidence of what was posted, or will not arrive, that names who said so; an event for each step, to who sent it and to the owner of its service;
 * and the watch, which ends when the letter is posted, and asks the sender when it never will be, or when it was and comes back.
 * In the transaction that makes it so.
 * Source: compatibility.md, evidence, §1.5 row 24.
 */
export async function tellSender(tx: Tx, news: readonly ShipmentNews[], at: Date, console: string): Promise<void> {
  if (news.length === 0) return;
  recordEvidence(
    tx,
    news.flatMap((each) => evidenceOf(each, at)),
  );
  const keysOf = (of: readonly ShipmentNews[]) => of.map(({ shipment: { about, party } }) => ({ about, party }));
  const hearers = await listHearers(tx, keysOf(news));
  const told = news.flatMap((each) => (hearers.get(watchKey(each.shipment)) ?? [each.shipment.sender]).map((id) => ({ each, id })));
  const parties = await findParties(tx, [...new Set(told.map(({ id }) => id))]);
  publishEvents(
    tx,
    told.map(({ each, id }) => eventOf(each, { id, party: parties.get(id) }, at)),
  );
  const posted = news.filter(({ became }) => became === 'posted');
  if (posted.length > 0) await noteRelayed(tx, keysOf(posted), at);
  const failed = news.filter(({ became }) => became === 'refused' || became === 'returned');
  if (failed.length === 0) return;
  const returned = failed.filter(({ became }) => became === 'returned');
  await noteRelayFailed(tx, keysOf(failed), at); // first: those whose watch is open yet
  await noteReturned(tx, keysOf(returned), { at, console });
}

function evidenceOf({ shipment, became, reason, letterSha256, actor, answer, saidAt }: ShipmentNews, at: Date): EvidenceRow[] {
  if (became === 'dropped' || became === 'printed' || became === 'not-stopped') return [];
  const isPosted = became === 'posted';
  return [
    {
      event: isPosted ? 'RelayToNonERDS' : 'RelayToNonERDSFailure',
      about: shipment.about,
      recipient: shipment.party,
      at,
      proves: isPosted ? 'relayed' : 'failed',
      core: {
        carrier: 'print',
        shipment: shipment.id,
        became,
        ...(reason === null ? {} : { why: reason }),
        ...(saidAt ? { carrierTime: saidAt } : {}),
      },
      who: { ...actor, ...(answer ? { carrierAnswer: answer } : {}) },
      ...(letterSha256 ? { what: { letterSha256 } } : {}),
    },
  ];
}

function eventOf(
  { shipment, became, reason }: ShipmentNews,
  { id, party }: { readonly id: PartyId; readonly party: Party | undefined },
  at: Date,
): EventRow {
  return {
    type: `no.budstikke.relay.${became}`,
    source: '/budstikke/v1/relay',
    subject: party ? partyUrn(party) : `urn:altinn:party:uuid:${id}`,
    alternativeSubject: party?.kind === 'organization' ? `/organisation/${party.number}` : null,
    resource: shipment.resource,
    resourceInstance: shipment.about,
    at,
    data: { shipment: shipment.id, ...(reason === null ? {} : { reason }) },
  };
}
