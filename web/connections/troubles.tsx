import type { Party } from '../api/session.ts';
import { OrTrouble } from '../console/sender-page.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';

/** What systems may do is for those who administer access; others are told so. */
export function Troubles({ error, party, again }: { readonly error: unknown; readonly party: Party; readonly again: () => void }) {
  const { t } = useText();
  const whomToAsk = t('connections.noRightNext', { name: plainly(party.name, 80) });
  return <OrTrouble error={error} again={again} noRight={t('connections.noRight')} whomToAsk={whomToAsk} />;
}
