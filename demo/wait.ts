import { setTimeout as sleep } from 'node:timers/promises';

export interface Patience {
  readonly seconds?: number;
  /** Told now and then how long the wait has been. */
  readonly tell?: (text: string) => void;
}

const everyMillis = 100;
/** Nothing takes so long on a machine that does nothing else; on one that is slow or shared, much takes a third of it. */
const usualSeconds = 60;

/** Looks again and again until `look` no longer throws. When the time is up, says what was waited for and what was last seen. */
export async function until<T>(what: string, look: () => Promise<T>, { seconds = usualSeconds, tell }: Patience = {}): Promise<T> {
  const begun = Date.now();
  for (;;) {
    try {
      return await look();
    } catch (error) {
      const waited = (Date.now() - begun) / 1000;
      if (waited > seconds) {
        if (error instanceof Error) error.message = `Waited ${seconds} seconds for ${what}. ${error.message}`;
        throw error;
      }
      if (waited > 0.5) tell?.(`waiting for ${what} (${Math.round(waited)} s)`);
    }
    await sleep(everyMillis);
  }
}
