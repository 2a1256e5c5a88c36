import { createHash, randomBytes } from 'node:crypto';

/** A link's secret, 256 bits, in letters that survive a router without regard to case. */
export const newToken = (): string => randomBytes(32).toString('hex');

/** What is kept of it. Without salt: nobody guesses 256 bits. */
export const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex');
