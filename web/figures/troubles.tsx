import type { Party } from '../api/session.ts';
import { OrTrouble } from '../console/sender-page.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';

/** The organization as a whole is seen by those who administer access there; others are told so. */
export function Troubles({ error, party, again }: { readonly error: unknown; readonly party: Party; readonly again: () => void }) {
  const { t } = useText();
  const whomToAsk = t('figures.noRightNext', { name: plainly(party.name, 80) });
  return <OrTrouble error={error} again={again} noRight={t('figures.noRight')} whomToAsk={whomToAsk} />;
}
