import type { Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties, type Party, saveContactPoints, saveParties } from '#register/index.ts';
import { claimQuestions, noteTrouble, saveAnswered } from '../store/question.ts';
import { type ContactRegister, mostAsked, type RegisteredContact } from './port.ts';

export interface RegisterContext extends Context {
  /** Null where none is configured. */
  readonly contactRegister: ContactRegister | null;
}

/** How long to wait after the first, second, … question that came to nothing. */
const waits = [10, 30, 60, 300, 900, 1800] as const;

/**
 * Asks the contact register everything that is due, a thousand persons at a time, and says about how many it answered. A question is
 * claimed by its next try: a process that dies on the way leaves it to be asked again. The register is asked outside of any transaction.
 * When it does not answer, every question stays, is asked again later, and the log says so. Any number of workers may run it.
 */
export async function askRegister(ctx: RegisterContext): Promise<number> {
  if (!ctx.contactRegister) return 0;
  for (let answered = 0; ; ) {
    const asked = await ctx.db.transaction((tx) => claimQuestions(tx, ctx.now(), { limit: mostAsked, waits }));
    if (asked.length === 0) return answered;
    const persons = [...(await findParties(ctx.db, asked)).values()].filter(({ kind, number }) => kind === 'person' && number !== null);
    const answers = await answersOf(ctx, ctx.contactRegister, persons);
    if (!answers) return answered;
    await saveAnswers(ctx, asked, persons, answers);
    answered += asked.length;
  }
}

async function answersOf(
  ctx: Context,
  register: ContactRegister,
  persons: readonly Party[],
): Promise<readonly RegisteredContact[] | undefined> {
  if (persons.length === 0) return [];
  try {
    return await register.ask(persons.map(({ number }) => number!));
  } catch (error) {
    const trouble = (error instanceof Error ? error.message : 'unknown').replaceAll(/\d{11}/g, '•').slice(0, 200);
    ctx.log.error({ persons: persons.length, trouble }, 'the contact register did not answer; it is asked again');
    await ctx.db.transaction(async (tx) =>
      noteTrouble(
        tx,
        persons.map(({ id }) => id),
        trouble,
      ),
    );
    return undefined;
  }
}

/** Whom it left out of its answer it does not know: such a one has no address there. */
function saveAnswers(
  ctx: Context,
  asked: readonly PartyId[],
  persons: readonly Party[],
  answers: readonly RegisteredContact[],
): Promise<void> {
  const byNumber = new Map(answers.map((answer) => [answer.number, answer]));
  return ctx.db.transaction(async (tx) => {
    const known = persons.map((person) => ({ person, answer: byNumber.get(person.number!) }));
    saveParties(
      tx,
      known.map(({ person: { number, name }, answer }) => ({
        ...{ kind: 'person' as const, number, name },
        ...(answer ? { reserved: answer.reserved } : {}),
        ...(answer?.language ? { language: answer.language } : {}),
      })),
    );
    saveContactPoints(
      tx,
      known.map(({ person: { id }, answer }) => ({ party: id, points: answer?.points ?? [] })),
      'krr',
    );
    saveContactPoints(
      tx,
      known.map(({ person: { id } }) => ({ party: id, points: [] })), // what was said here before gives way
    );
    saveAnswered(tx, asked, ctx.now());
  });
}
