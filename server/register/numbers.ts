const organizationWeights = [3, 2, 7, 6, 5, 4, 3, 2];
const firstCheckWeights = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
const secondCheckWeights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

function weighted(number: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * Number(number[i]), 0);
}

/**
 * Nine digits whose last one checks the others (modulus 11). The first digit is not asked for: synthetic series start
 * with 2 or 3, real ones with 8 or 9.
 * Source: compatibility.md, platform, §6.2.
 */
export function isOrganizationNumber(text: string): boolean {
  if (!/^\d{9}$/.test(text)) return false;
  const check = (11 - (weighted(text, organizationWeights) % 11)) % 11;
  return check === Number(text[8]);
}

/**
 * Eleven digits whose last two check the others: birth numbers, D-numbers (day + 40), H-numbers (month + 40) and
 * synthetic ones (month + 80) alike. The date is not read: it takes part only through the check digits. From 2032 the
 * first check may leave 1, 2 or 3 as well; numbers of that kind are valid today, so that nobody has to upgrade on the day.
 * Source: compatibility.md, platform, §6.2 (Skatteetaten's rule for numbers issued from 2032-01-01).
 */
export function isNationalIdentityNumber(text: string): boolean {
  if (!/^\d{11}$/.test(text)) return false;
  return weighted(text, firstCheckWeights) % 11 <= 3 && weighted(text, secondCheckWeights) % 11 === 0;
}

/** What a national identity number says of its own kind; age and sex are never read from it. */
export interface IdentityNumberKind {
  /** A D-number: given to a person without a birth number. */
  readonly dNumber: boolean;
  readonly series: 'ordinary' | 'help' | 'synthetic';
}

/**
 * The kind of a valid number, by the offsets of its day and month; undefined when it is not valid or when no date could
 * lie under the offsets. Installations that must keep synthetic persons out ask this, nothing else does.
 * Source: compatibility.md, platform, §6.2.
 */
export function kindOfIdentityNumber(text: string): IdentityNumberKind | undefined {
  if (!isNationalIdentityNumber(text)) return undefined;
  const [day, month] = [Number(text.slice(0, 2)), Number(text.slice(2, 4))];
  const dNumber = day > 40;
  const offset = month > 80 ? 80 : month > 40 ? 40 : 0;
  const [realDay, realMonth] = [dNumber ? day - 40 : day, month - offset];
  if (realDay < 1 || realDay > 31 || realMonth < 1 || realMonth > 12) return undefined;
  return { dNumber, series: offset === 80 ? 'synthetic' : offset === 40 ? 'help' : 'ordinary' };
}
