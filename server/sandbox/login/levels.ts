/** The levels of login, as `acr` says them, with Altinn's number for each. Source: compatibility.md, platform, §1.2. */
export const levels = { 'idporten-loa-low': 0, 'idporten-loa-substantial': 3, 'idporten-loa-high': 4 } as const;
export type Level = keyof typeof levels;

/** Those that a test person can log in with. */
export const loginLevels = ['idporten-loa-substantial', 'idporten-loa-high'] as const;
export type LoginLevel = (typeof loginLevels)[number];

/**
 * The lowest level that a request is content with, of those that its `acr_values` name: any of them will do, and so will a
 * higher one. Without a value that is known, substantial.
 */
export function lowestWanted(acrValues: unknown): LoginLevel {
  const named = typeof acrValues === 'string' ? acrValues.split(' ') : [];
  const known = loginLevels.filter((level) => named.includes(level));
  return known[0] ?? 'idporten-loa-substantial';
}

/** Whether somebody who logged in with `acr` has shown the level, or a higher one. */
export function reaches(acr: string | undefined, level: LoginLevel): boolean {
  return acr !== undefined && Object.hasOwn(levels, acr) && levels[acr as Level] >= levels[level];
}
