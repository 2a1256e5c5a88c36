import { type ErrorRow, type Refusal, refuse } from '#kernel/refusal.ts';

/** Gathers what is wrong with a document, so that one answer names all places of a kind. */
export interface Problems {
  /** `place` is a JSON pointer, with what is wrong there where the row's text does not say it. */
  add(row: ErrorRow, place: string): void;
  /** Throws the refusal of the kind that was found first; does nothing when all is well. */
  throwIfAny(): void;
}

const placesToldOf = 20;

export function gatherProblems(): Problems {
  const found = new Map<ErrorRow, string[]>();
  return {
    add(row, place) {
      const places = found.get(row);
      if (places) places.push(place);
      else found.set(row, [place]);
    },
    throwIfAny() {
      for (const [row, places] of found) throw refusalOf(row, places);
    },
  };
}

function refusalOf(row: ErrorRow, places: readonly string[]): Refusal {
  const told = [...new Set(places)];
  const more = told.length > placesToldOf ? ` and ${told.length - placesToldOf} more` : '';
  return refuse(row, { places: told.slice(0, placesToldOf).join('; ') + more });
}
