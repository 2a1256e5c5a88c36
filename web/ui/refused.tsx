import { Refusal } from '../api/ask.ts';
import { Trouble } from './states.tsx';

interface Props<Row extends string> {
  readonly error: unknown;
  /** What people can put right, and what is said to them. */
  readonly known: readonly Row[];
  readonly say: (row: Row) => string;
}

/** Why it was refused, in words of this page where it has some. */
export function RefusedHere<Row extends string>({ error, known, say }: Props<Row>) {
  if (!error) return null;
  const row = error instanceof Refusal ? known.find((each) => each === error.row) : undefined;
  return row === undefined ? <Trouble error={error} /> : <p role="alert">{say(row)}</p>;
}
