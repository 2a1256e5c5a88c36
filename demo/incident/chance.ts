import { createHash } from 'node:crypto';

/** A number from 0 up to 1, the same for the same words on every run. */
export function chance(...of: readonly (string | number)[]): number {
  return createHash('sha256').update(of.join(' ')).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** A whole number from 0 up to `below`. */
export function drawn(below: number, ...of: readonly (string | number)[]): number {
  return Math.floor(chance(...of) * below);
}

/** A number that no real organization has (its series begins with 3), valid by its check digit. */
export function organizationNumber(seed: string): string {
  for (let attempt = 0; ; attempt++) {
    const stem = `3${digits(7, seed, attempt)}`;
    const check = (11 - (weighted(stem, [3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
    if (check < 10) return `${stem}${check}`;
  }
}

/** A number that no real person has (80 is added to the month), valid by both check digits. */
export function personNumber(seed: string): string {
  for (let attempt = 0; ; attempt++) {
    const day = 1 + drawn(28, seed, 'day', attempt);
    const month = 81 + drawn(12, seed, 'month', attempt);
    const year = 40 + drawn(60, seed, 'year', attempt);
    const stem = `${String(day).padStart(2, '0')}${month}${year}${String(drawn(500, seed, 'individual', attempt)).padStart(3, '0')}`;
    const first = (11 - (weighted(stem, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11)) % 11;
    const second = (11 - (weighted(`${stem}${first}`, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
    if (first < 10 && second < 10) return `${stem}${first}${second}`;
  }
}

function digits(count: number, seed: string, attempt: number): string {
  return String(drawn(10 ** count, seed, 'organization', attempt)).padStart(count, '0');
}

function weighted(number: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * Number(number[i]), 0);
}
