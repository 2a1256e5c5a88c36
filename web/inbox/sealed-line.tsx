import { Link } from '@tanstack/react-router';
import { type Party, useSealedAt } from '../api/session.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';

/** Post has come that nobody can open: the first thing that whoever can give access must see. */
export function SealedLine({ party, count }: { readonly party: Party | null; readonly count: number }) {
  const { t } = useText();
  if (!party) return null;
  if (count === 0) return <SealedElsewhere party={party} />;
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

/** So many others are named; the page of sealed post has all. */
const mostNamed = 3;

/** Whoever was told of sealed post finds it also where they look at another's inbox, or their own. */
function SealedElsewhere({ party }: { readonly party: Party }) {
  const { t } = useText();
  const others = useSealedAt().data?.filter(({ id }) => id !== party.id) ?? [];
  if (others.length === 0) return null;
  return (
    <section className="sheet must-act stack-tight" aria-labelledby="sealed-elsewhere">
      <p id="sealed-elsewhere">
        <strong>{t('sealed.elsewhere')}</strong>
      </p>
      <ul className="plain-list stack-tight">
        {others.slice(0, mostNamed).map(({ id, name, sealed }) => (
          <li key={id}>
            <Link to="/access" search={{ party: id }} className="wrap">
              {t('sealed.elsewhereAt', { count: sealed, name: plainly(name, 80) })}
            </Link>
          </li>
        ))}
        {others.length > mostNamed ? (
          <li>
            <Link to="/access" search={{}}>
              {t('sealed.elsewhereAll')}
            </Link>
          </li>
        ) : null}
      </ul>
    </section>
  );
}
