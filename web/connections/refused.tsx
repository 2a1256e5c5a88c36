import { useText } from '../ui/language.ts';
import { RefusedHere } from '../ui/refused.tsx';

/** What the server refuses about webhooks, in words of people. */
const known = ['BUD-09761', 'BUD-09762', 'BUD-09763', 'BUD-09764', 'BUD-09770', 'BUD-09771'] as const;

export function Refused({ error }: { readonly error: unknown }) {
  const { t } = useText();
  return <RefusedHere error={error} known={known} say={(row) => t(`connections.refused.${row}`)} />;
}
