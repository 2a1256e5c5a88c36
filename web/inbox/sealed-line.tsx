import { Link } from '@tanstack/react-router';
import type { Party } from '../api/session.ts';
import { useText } from '../ui/language.ts';

/** Post has come that nobody can open: the first thing that whoever can give access must see. */
export function SealedLine({ party, count }: { readonly party: Party | null; readonly count: number }) {
  const { t } = useText();
  if (!party || count === 0) return null;
  return (
    <div className="sheet must-act row apart">
      <p>
        <strong>{t('sealed.waiting', { count })}</strong> {t('sealed.waitingNext')}
      </p>
      <Link to="/access" search={{ party: party.id }}>
        {t('sealed.see')}
      </Link>
    </div>
  );
}
