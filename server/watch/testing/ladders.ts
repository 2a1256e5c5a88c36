import type { Database } from '#db/index.ts';
import { anonymous, type Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { StepSpec } from '../types.ts';

/** A step toward the sender by event, unless a test says otherwise. */
export function step(name: string, after: string, over: Partial<StepSpec> = {}): StepSpec {
  return { name, after, when: [], who: 'sender', channel: 'event', text: 'sender-unread', ...over };
}

/** A new version of a ladder, as an owner's stands in the table. */
export async function saveSteps(db: Database, id: string, steps: readonly StepSpec[], owner: PartyId | null = null): Promise<void> {
  await db.transaction((tx) =>
    tx.run(sql`
      insert into watch.ladder (id, version, owner_id, steps)
      select ${id}, coalesce(max(version), 0) + 1, ${owner}::uuid, ${JSON.stringify(steps)}::jsonb from watch.ladder where id = ${id}`),
  );
}

/** A service owner's own system. */
export function ownerCaller(party: PartyId | null): Caller {
  return {
    ...anonymous,
    kind: 'organization',
    issuer: 'maskinporten',
    subject: party,
    party,
    consumer: party,
    scopes: new Set(['altinn:serviceowner', 'altinn:correspondence.write']),
  };
}
