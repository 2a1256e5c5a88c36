import { Refusal } from '../api/ask.ts';
import { useText } from '../ui/language.ts';
import { Trouble } from '../ui/states.tsx';

/** What the server refuses about webhooks, in words of people. */
const known = ['BUD-09761', 'BUD-09762', 'BUD-09763', 'BUD-09764', 'BUD-09770', 'BUD-09771'] as const;

export function Refused({ error }: { readonly error: unknown }) {
  const { t } = useText();
  if (!error) return null;
  const row = error instanceof Refusal ? known.find((each) => each === error.row) : undefined;
  return row ? <p role="alert">{t(`connections.refused.${row}`)}</p> : <Trouble error={error} />;
}
