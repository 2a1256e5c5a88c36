import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { listUnopenedConfidentialRows } from '../store/sealed.ts';

/** Confidential post that lies with its recipient, published and opened by nobody. */
export interface UnopenedConfidential {
  readonly about: string;
  readonly resource: ResourceId;
  readonly publishedAt: Date;
}

/** What has lain with a party since before a time, longest first. */
export function listUnopenedConfidential(
  reader: Reader,
  of: { readonly party: PartyId; readonly before: Date; readonly limit: number },
): Promise<UnopenedConfidential[]> {
  return listUnopenedConfidentialRows(reader, of.party, of.before, of.limit);
}
