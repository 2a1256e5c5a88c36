import Type from 'typebox';
import { listLed } from '#access/index.ts';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { personal } from '#kernel/schema.ts';
import { findParties } from '#register/index.ts';
import { listTestPersons } from '../login/store.ts';

const mostShown = 50;
const mostLed = 5;

const TestPeople = Type.Object({
  people: Type.Array(
    Type.Object({
      name: personal(Type.String()),
      number: personal(Type.String()),
      leads: Type.Array(Type.String(), { description: `Names of organizations that the person leads, ${mostLed} at most.` }),
    }),
  ),
  more: Type.Boolean({ description: 'Whether there are others: search for them.' }),
});

/** Whom one may log in as. They are made up, and nobody else is in a sandbox. */
export const peopleRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/budstikke/v1/sandbox/people',
    summary: 'Test persons by name or number, with what they lead.',
    scope: 'open',
    query: Type.Object({ q: Type.Optional(Type.String({ maxLength: 200 })) }),
    answers: { 200: TestPeople },
    anyAccept: true,
    refusals: [],
    run: async ({ db }: Context, _caller, { query }) => {
      const found = await listTestPersons(db, (query.q ?? '').replaceAll('\0', ''), mostShown + 1);
      const shown = found.slice(0, mostShown);
      const led = await listLed(
        db,
        shown.map(({ id }) => id),
        mostLed,
      );
      const parties = await findParties(db, [...led.values()].flat());
      const people = shown.map(({ id, name, number }) => ({
        name,
        number,
        leads: (led.get(id) ?? []).flatMap((at) => parties.get(at)?.name ?? []),
      }));
      return { people, more: found.length > mostShown };
    },
  }),
];
