import { Link } from '@tanstack/react-router';
import { useText } from '../ui/language.ts';

/** The pages about access. */
export function AccessTabs({ party }: { readonly party: string | undefined }) {
  const { t } = useText();
  const search = party ? { party } : {};
  return (
    <nav className="frame-nav" aria-label={t('access.pages')}>
      <ul>
        <li>
          <Link to="/access" search={search} activeOptions={{ exact: true, includeSearch: false }}>
            {t('sealed.title')}
          </Link>
        </li>
        <li>
          <Link to="/access/coverage" search={search} activeOptions={{ includeSearch: false }}>
            {t('coverage.title')}
          </Link>
        </li>
        <li>
          <Link to="/access/granted" search={search} activeOptions={{ includeSearch: false }}>
            {t('granted.title')}
          </Link>
        </li>
        <li>
          <Link to="/access/requests" search={search} activeOptions={{ includeSearch: false }}>
            {t('requests.title')}
          </Link>
        </li>
        <li>
          <Link to="/access/addresses" search={search} activeOptions={{ includeSearch: false }}>
            {t('addresses.title')}
          </Link>
        </li>
      </ul>
    </nav>
  );
}
