import type { Context } from '#kernel/context.ts';
import { partiesByNumber } from '#register/index.ts';
import type { Names } from './services-wire.ts';

/**
 * Names beside the numbers that a sender has in hand, in the order asked. Of organizations alone, whose names are public: the name of
 * a person is given for no number, since whoever may send could else make a list of numbers into a list of people. Only numbers of nine
 * digits reach this; nobody comes to be by being asked for.
 */
export async function nameOrganizations(
  { db }: Context,
  _caller: unknown,
  { numbers }: { readonly numbers: readonly string[] },
): Promise<Names> {
  const found = await partiesByNumber(db, [...new Set(numbers)]);
  return {
    names: numbers.map((number) => {
      const party = found.get(number);
      return { number, name: party?.kind === 'organization' ? party.name : null };
    }),
  };
}
