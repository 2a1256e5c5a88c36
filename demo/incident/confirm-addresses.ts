import assert from 'node:assert/strict';
import type { Stage } from './stage.ts';
import { confirmedOn, receiversOf, type World } from './world.ts';

/** The mail that asks whether an address is still in use. */
const asking = 'Er denne adressen fortsatt i bruk?';

/**
 * Whoever is asked whether an address is still theirs confirms it, as most people do when they next log in. Answers are for what has come
 * since the last time. An address that is not confirmed, and tells of nothing that is opened or given, is written to for eighteen months.
 */
export function createConfirming({ nobody, mails }: Stage, world: World): (now: number) => Promise<void> {
  const people = receiversOf(world).flatMap(({ director, contact }) => [director, contact].filter((one) => one !== null));
  const personAt = new Map(people.map((person) => [person.email, person]));
  let seen = 0;
  return async (now) => {
    const asked = mails.mails.slice(seen).filter(({ subject }) => subject === asking);
    seen = mails.mails.length;
    const those = [...new Set(asked.flatMap(({ to }) => to))].flatMap((address) => personAt.get(address) ?? []);
    if (those.length === 0) return;
    const answer = await nobody.post('/budstikke/v1/sandbox/seed', confirmedOn(new Date(now).toISOString().slice(0, 10), those));
    assert.ok(answer.status < 300, answer.text.slice(0, 300));
  };
}
