import { createPlaces, type Places, type PlacesOptions } from './places.ts';

const words: PlacesOptions['words'] = {
  tooMany: 'Too many files are fetched at once.',
  givenAway: {
    reason: 'Too little was taken while others waited to fetch.',
    advice: 'Come again for the rest of it.',
    message: 'too little was taken while others waited',
  },
};

/** What one process sends at once, unless it is set: whoever takes slowly costs it a piece of 16 to 64 KiB, and its connection as much again. */
export const usualDownloads = 600;

/** Places of those to whom this process gives bytes of files; two thirds of them for one organization. */
export function createGivingPlaces(most: number, differs: Partial<PlacesOptions> = {}): Places {
  return createPlaces({
    most,
    mostOfOne: Math.ceil((most * 2) / 3),
    mostWaiting: most,
    patienceMillis: 30_000,
    silenceMillis: 5000,
    leastBytesPerSecond: 16 * 1024,
    words,
    ...differs,
  });
}
