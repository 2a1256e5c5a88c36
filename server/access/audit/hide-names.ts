import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { listUnnamed, type OnService } from '../decide/named-services.ts';
import { listConfidential } from './store.ts';
import type { AuditEntry } from './wire.ts';

/**
 * The same entries, without the services that are not named to the caller, wherever an entry names them: as what it is about, and on the
 * way by which somebody had a right. Asked by service, whatever is about that one is not there at all then.
 */
export async function hideNames(
  tx: Tx,
  caller: Caller,
  party: PartyId,
  entries: readonly AuditEntry[],
  asked: ResourceId | null = null,
): Promise<AuditEntry[]> {
  const things = [...new Set(entries.flatMap(({ about }) => (about !== null && uuid.test(about) ? [about] : [])))];
  const confidential = await listConfidential(tx, party, things);
  const named = entries.flatMap((entry): (OnService & { readonly entry: AuditEntry })[] => {
    const instance = entry.about !== null && uuid.test(entry.about) ? entry.about : null;
    const isConfidential = instance !== null && confidential.has(instance);
    const services = new Set([...servicesIn(entry), ...(asked === null ? [] : [asked])]);
    return [...services].map((resource) => ({ entry, resource, party, instance, isConfidential }));
  });
  const unnamed = await listUnnamed(tx, caller, named);
  const hidden = Map.groupBy(unnamed, ({ entry }) => entry);
  const hides = (entry: AuditEntry, name: string | null) => hidden.get(entry)?.some(({ resource }) => resource === name) ?? false;
  const shown = asked === null ? entries : entries.filter((entry) => !hides(entry, asked));
  return shown.map((entry) => {
    if (!hidden.has(entry)) return entry;
    const path = entry.path.map((step) => (hides(entry, serviceIn(step)) ? step.replace(serviceOnPath, unnamedOnPath) : step));
    return { ...entry, path, resource: hides(entry, entry.resource) ? null : entry.resource };
  });
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** As `role-book.ts` writes what was given by itself; a test holds the two together. */
const serviceOnPath = /^(grant of (?:one item of )?)resource (\S+)/;
const unnamedOnPath = '$1a confidential service';

const serviceIn = (step: string): ResourceId | null => (serviceOnPath.exec(step)?.[2] as ResourceId | undefined) ?? null;

function servicesIn({ resource, path }: AuditEntry): ResourceId[] {
  return [resource as ResourceId | null, ...path.map(serviceIn)].filter((id) => id !== null);
}
