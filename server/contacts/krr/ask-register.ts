import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties, type Party, saveContactPoints, saveParties } from '#register/index.ts';
import { claimQuestions, noteTrouble, saveAnswered } from '../store/question.ts';
import { askInHalves, type Outcome } from './ask-in-halves.ts';
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
 * When it does not answer, every question stays, is asked again later, and the log says so; so does the question about a person whom it
 * leaves out of its answer. Whom it refuses to be asked about goes by what is known, until it is time to ask again. Any number of workers
 * may run it.
 */
export async function askRegister(ctx: RegisterContext): Promise<number> {
  if (!ctx.contactRegister) return 0;
  for (let answered = 0; ; ) {
    const asked = await ctx.db.transaction((tx) => claimQuestions(tx, ctx.now(), { limit: mostAsked, waits }));
    if (asked.length === 0) return answered;
    const persons = [...(await findParties(ctx.db, asked)).values()].filter(({ kind, number }) => kind === 'person' && number !== null);
    const outcome = await askInHalves(ctx.contactRegister, persons);
    answered += await saveOutcome(ctx, { asked, persons, outcome });
    if (outcome.trouble) return answered;
  }
}

interface Asked {
  readonly asked: readonly PartyId[];
  readonly persons: readonly Party[];
  readonly outcome: Outcome;
}

/** Nothing changes of whom the register has said nothing. Says of how many nothing is to be asked any more. */
async function saveOutcome(ctx: Context, { asked, persons, outcome: { answers, refused, trouble } }: Asked): Promise<number> {
  const byNumber = new Map(answers.map((answer) => [answer.number, answer]));
  const known = persons.flatMap((person) => {
    const answer = byNumber.get(person.number!);
    return answer ? [{ person, answer }] : [];
  });
  const unasked = trouble?.persons ?? [];
  const told = new Set([...known.map(({ person }) => person), ...refused, ...unasked].map(({ id }) => id));
  const leftOut = persons.flatMap(({ id }) => (told.has(id) ? [] : [id]));
  const open = new Set([...unasked.map(({ id }) => id), ...leftOut]);
  const ended = asked.filter((id) => !open.has(id));
  if (trouble) ctx.log.error({ persons: unasked.length, trouble: trouble.says }, 'the contact register did not answer; it is asked again');
  if (leftOut.length > 0)
    ctx.log.error({ persons: leftOut.length }, 'the contact register left persons out of its answer; it is asked about them again');
  for (const { id } of refused) ctx.log.error({ party: id }, 'the contact register refuses to be asked about a party');
  await ctx.db.transaction(async (tx) => {
    saveKnown(tx, known);
    saveAnswered(tx, ended, ctx.now());
    noteTrouble(
      tx,
      refused.map(({ id }) => id),
      'it refuses the question',
    );
    noteTrouble(tx, leftOut, 'it was left out of the answer');
    if (trouble)
      noteTrouble(
        tx,
        unasked.map(({ id }) => id),
        trouble.says,
      );
  });
  return ended.length;
}

function saveKnown(tx: Tx, known: readonly { readonly person: Party; readonly answer: RegisteredContact }[]): void {
  saveParties(
    tx,
    known.map(({ person: { number, name }, answer: { reserved, language } }) => ({
      ...{ kind: 'person' as const, number, name },
      ...(reserved === null ? {} : { reserved }),
      ...(language ? { language } : {}),
    })),
  );
  saveContactPoints(
    tx,
    known.map(({ person: { id }, answer: { points } }) => ({ party: id, points })),
    'krr',
  );
  saveContactPoints(
    tx,
    known.map(({ person: { id } }) => ({ party: id, points: [] })), // what was said here before gives way
  );
}
