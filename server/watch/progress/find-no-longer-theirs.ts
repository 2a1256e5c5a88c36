import { whoCanOpen } from '#access/index.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { type DueNotice, type Purpose, toGrantors, toOpeners } from '#notifications/index.ts';
import { thingOf } from '../openers/reevaluate.ts';
import { listNeeds } from '../store/openability.ts';
import { listBundled } from '../store/step.ts';
import { watchKey } from '../types.ts';

type Addressed = DueNotice & { readonly to: PartyId };

const [forOpeners, forGrantors]: readonly ReadonlySet<Purpose>[] = [new Set(toOpeners), new Set(toGrantors)];

/**
 * Of notices that speak of several things, about to be handed over, those whose addressee can open none of them any more, nor let anybody in: of
 * one thing alone a notice is called off when access is lost (`reevaluate`). The recipient's own addresses always hear. Fills a part of the hook
 * of notifications.
 */
export async function findNoLongerTheirs(reader: Reader, notices: readonly DueNotice[]): Promise<ReadonlyMap<string, 'pointless'>> {
  const common = notices.filter(
    (one): one is Addressed => one.about === null && one.to !== null && (forOpeners!.has(one.purpose) || forGrantors!.has(one.purpose)),
  );
  if (common.length === 0) return new Map();
  const told = await listBundled(reader, [...new Set(common.map(({ step }) => step))]);
  const needs = await listNeeds(reader, told);
  const things = [...new Map(told.map((each) => [watchKey(each), thingOf(each, needs)])).entries()].filter(
    ([, thing]) => thing.needs.length > 0,
  );
  const found = await whoCanOpen(
    reader,
    things.map(([, thing]) => thing),
  );
  const openability = new Map(things.map(([key], i) => [key, found[i]!]));
  const isTheirs = ({ to, step, purpose }: Addressed): boolean => {
    const those = told.filter(({ notice }) => notice === step);
    const people = those.flatMap((each) => {
      const { openers = [], grantors = [] } = openability.get(watchKey(each)) ?? {};
      return [each.party, ...(forOpeners!.has(purpose) ? openers : grantors).map(({ party }) => party)];
    });
    return those.length === 0 || people.includes(to);
  };
  return new Map(common.filter((one) => !isTheirs(one)).map(({ id }) => [id, 'pointless']));
}
