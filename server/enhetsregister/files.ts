import type { UnitKind } from './read-unit.ts';

/** The published files: `enheter`, `underenheter`, `roller`, each compressed by gzip or not. */
export interface Files {
  readonly units?: string;
  readonly subunits?: string;
  readonly roles?: string;
}

/** Of which kinds the files say all that there are. */
export function kindsIn({ units, subunits }: Files): UnitKind[] {
  return [...(units ? (['main'] as const) : []), ...(subunits ? (['sub'] as const) : [])];
}
