import type { Party } from '#register/index.ts';
import { type ContactRegister, QuestionRefused, type RegisteredContact } from './port.ts';

export interface Outcome {
  readonly answers: readonly RegisteredContact[];
  /** Asked about alone, the question was refused: it will be again. */
  readonly refused: readonly Party[];
  /** Whom nobody could be asked about, and why, in words without personal data. */
  readonly trouble: { readonly persons: readonly Party[]; readonly says: string } | null;
}

/** A register that refuses so many one by one, and has answered about nobody, refuses whatever it is asked: that is its trouble. */
const mostRefused = 10;

/**
 * Asks a register about these persons, who have numbers. A question that it refuses is asked again in halves, until whoever it is refused
 * for stands alone and the others are answered. When it cannot answer, nobody else is asked about, and what it has answered until then counts.
 */
export async function askInHalves(register: ContactRegister, persons: readonly Party[]): Promise<Outcome> {
  const answers: RegisteredContact[] = [];
  const refused: Party[] = [];
  const waiting = persons.length > 0 ? [persons] : [];
  let hasAnswered = false;
  for (let part = waiting.pop(); part; part = waiting.pop()) {
    try {
      answers.push(...(await register.ask(part.map(({ number }) => number!))));
      hasAnswered = true;
    } catch (error) {
      const half = Math.ceil(part.length / 2);
      const mayBeOne = error instanceof QuestionRefused && (hasAnswered || refused.length < mostRefused);
      if (!mayBeOne) {
        const left = [part, ...waiting].flat();
        return { answers, refused: hasAnswered ? refused : [], trouble: { persons: hasAnswered ? left : persons, says: wordsOf(error) } };
      }
      if (part.length === 1) refused.push(part[0]!);
      else waiting.push(part.slice(half), part.slice(0, half));
    }
  }
  return { answers, refused, trouble: null };
}

function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : 'unknown').replaceAll(/\d{11}/g, '•').slice(0, 200);
}
