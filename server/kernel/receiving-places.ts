import { createPlaces, type Places, type PlacesOptions } from './places.ts';

/** Who sends what a place was waited for is told so in words of this. What a resumable upload has is kept; the client may go on from there. */
const words: PlacesOptions['words'] = {
  tooMany: 'Too many files are received at once.',
  givenAway: {
    reason: 'Too little came while others waited to send.',
    advice: 'What can be gone on with is kept; come again.',
    message: 'too little came while others waited',
  },
};

/** Places of those whose bytes this process receives. */
export const createReceivingPlaces = (options: Omit<PlacesOptions, 'words'>): Places => createPlaces({ ...options, words });

/** A stream holds up to a mebibyte where bytes are encrypted or go to an object store, and who waits no more than a socket's buffer. */
export const placesOfProcess = {
  most: 192,
  mostOfOne: 128,
  mostWaiting: 640,
  patienceMillis: 30_000,
  silenceMillis: 5000,
  leastBytesPerSecond: 16 * 1024,
} as const;

export const receivingPlaces = createReceivingPlaces(placesOfProcess);
