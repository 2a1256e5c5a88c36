import { Link } from '@tanstack/react-router';
import { useText } from '../ui/language.ts';
import { useChosenParty } from '../ui/party.ts';
import { plainly } from '../ui/plainly.ts';

/** Others are found by the head of the page. */
const most = 5;

/**
 * Sealed post is gathered from all for whom one decides about access; the pages beside it are about one of them. Whoever gave access
 * there and looks for it here is led on to the others.
 */
export function Elsewhere() {
  const { t } = useText();
  const { party, parties } = useChosenParty();
  const others = parties.filter(({ administers, id }) => administers && id !== party?.id).slice(0, most);
  if (others.length === 0) return null;
  return (
    <ul className="plain-list row narrow" aria-label={t('access.elsewhere')}>
      <li aria-hidden>{t('access.elsewhere')}</li>
      {others.map(({ id, name }) => (
        <li key={id}>
          <Link to="." search={{ party: id }}>
            {plainly(name, 80)}
          </Link>
        </li>
      ))}
    </ul>
  );
}
