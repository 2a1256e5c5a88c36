import { useText } from '../ui/language.ts';
import { RefusedHere } from '../ui/refused.tsx';

/** Why an address was refused, where that is something people can put right. */
const known = ['BUD-09682', 'BUD-09684', 'BUD-09685', 'BUD-09686', 'BUD-09687', 'BUD-09689', 'BUD-09690', 'BUD-09692'] as const;

export function Refused({ error }: { readonly error: unknown }) {
  const { t } = useText();
  return <RefusedHere error={error} known={known} say={(row) => t(`addresses.refused.${row}`)} />;
}
