/** One row of a feature's error catalogue. `code` and `text` are on the wire: add rows, never renumber or reword. */
export interface ErrorRow {
  readonly code: number;
  readonly status: number;
  /** `altinn`: a code of the original, answered on its routes. `budstikke`: ours, 9001 and up, never on an Altinn route. */
  readonly origin: 'altinn' | 'budstikke';
  /** What the caller reads. `{name}` is replaced by the fact of that name. */
  readonly text: string;
  /** Prefix of the code on the wire: `CORR` in `CORR-01001`. */
  readonly prefix: string;
  /** Answered as this bare string instead of problem details. */
  readonly bare?: true;
  /** Answered as this error of OAuth (RFC 6749 §5.2), with the text as its description. */
  readonly oauth?: string;
}

type Written = Omit<ErrorRow, 'prefix'>;

/** Gives each row of a catalogue its prefix; the row's key is its name in SDK and docs. */
export function catalogue<const T extends Record<string, Written>>(prefix: string, rows: T): { readonly [K in keyof T]: ErrorRow } {
  const named = Object.entries(rows).map(([name, row]) => [name, { ...row, prefix }]);
  return Object.fromEntries(named) as { [K in keyof T]: ErrorRow };
}

/** A no that the caller can mend. `facts` go to the log only, but for those that the row's text names. */
export class Refusal extends Error {
  readonly row: ErrorRow;
  readonly facts: Readonly<Record<string, unknown>>;
  /** What the answer's head says beside it. */
  readonly headers: Readonly<Record<string, string>>;
  constructor(row: ErrorRow, facts: Readonly<Record<string, unknown>>, headers: Readonly<Record<string, string>> = {}) {
    super(row.text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => (name in facts ? String(facts[name]) : whole)));
    this.name = 'Refusal';
    this.row = row;
    this.facts = facts;
    this.headers = headers;
  }
}

export function refuse(row: ErrorRow, facts: Readonly<Record<string, unknown>> = {}): Refusal {
  return new Refusal(row, facts);
}

/** Thrown in jobs only: trying again will not help. The job is parked and an alarm raised. */
export class GiveUp extends Error {
  override readonly name = 'GiveUp';
}
