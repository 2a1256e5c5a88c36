import { createHash } from 'node:crypto';
import { isNationalIdentityNumber, isOrganizationNumber } from '#register/index.ts';

/**
 * Numbers for the invented: valid by checksum, and of the series that no real organization (2 or 3 first) and no real
 * person (month plus 80) has. The same seed gives the same number.
 */
export function organizationNumberFrom(seed: string): string {
  return firstValid(seed, organizationStem, 1, isOrganizationNumber);
}

export function personNumberFrom(seed: string): string {
  return firstValid(seed, personStem, 2, isOfToday);
}

/** The ninth digit of a person's number is odd for men. */
export function isMan(personNumber: string): boolean {
  return Number(personNumber[8]) % 2 === 1;
}

/** A whole number from 0 up to `below`, the same for the same seed and purpose. */
export function derived(seed: string, purpose: string, below: number): number {
  return createHash('sha256').update(`${purpose} ${seed}`).digest().readUIntBE(0, 6) % below;
}

function firstValid(seed: string, stem: (seed: string) => string, checkDigits: number, isValid: (number: string) => boolean): string {
  for (let attempt = 0; ; attempt++) {
    const start = stem(attempt === 0 ? seed : `${seed} ${attempt}`);
    for (let check = 0; check < 10 ** checkDigits; check++) {
      const number = start + padded(check, checkDigits);
      if (isValid(number)) return number;
    }
  }
}

const firstCheckWeights = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];

/** Stricter than the register, which takes numbers of the series after 2032 as well: other systems do not yet. */
function isOfToday(number: string): boolean {
  const sum = firstCheckWeights.reduce((total, weight, i) => total + weight * Number(number[i]), 0);
  return sum % 11 === 0 && isNationalIdentityNumber(number);
}

function organizationStem(seed: string): string {
  return `${2 + derived(seed, 'series', 2)}${padded(derived(seed, 'organization', 10_000_000), 7)}`;
}

/** Born 1940 to 1999, which is what individual numbers below 500 mean. */
function personStem(seed: string): string {
  const day = padded(1 + derived(seed, 'day', 28), 2);
  const month = padded(81 + derived(seed, 'month', 12), 2);
  const year = padded(40 + derived(seed, 'year', 60), 2);
  return `${day}${month}${year}${padded(derived(seed, 'individual', 500), 3)}`;
}

function padded(number: number, length: number): string {
  return String(number).padStart(length, '0');
}
