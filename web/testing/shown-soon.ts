import type { Locator } from 'playwright-core';

const patienceMillis = 180_000;
/** A page that is drawn more slowly than it is read anew would never be drawn. */
const betweenMillis = 10_000;

/**
 * What workers in the background bring into a list a moment after it was sent: a list that was read before it is read anew, as whoever waits
 * for something would.
 */
export async function shownSoon(wanted: Locator): Promise<void> {
  for (const until = Date.now() + patienceMillis; ; ) {
    try {
      return await wanted.first().waitFor({ timeout: betweenMillis });
    } catch (error) {
      if (Date.now() > until) throw error;
      await wanted.page().reload();
    }
  }
}
