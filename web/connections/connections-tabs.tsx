import { Link } from '@tanstack/react-router';
import { ConsoleTabs } from '../console/console-tabs.tsx';
import { useText } from '../ui/language.ts';

/** The sender's pages, and under them those about systems. */
export function ConnectionsTabs({ party }: { readonly party: string | undefined }) {
  const { t } = useText();
  const search = party ? { party } : {};
  return (
    <>
      <ConsoleTabs party={party} />
      <nav className="frame-nav" aria-label={t('connections.pages')}>
        <ul>
          <li>
            <Link to="/console/connections" search={search} activeOptions={{ exact: true, includeSearch: false }}>
              {t('webhooks.title')}
            </Link>
          </li>
          <li>
            <Link to="/console/connections/systems" search={search} activeOptions={{ includeSearch: false }}>
              {t('systems.title')}
            </Link>
          </li>
          <li>
            <Link to="/console/connections/keys" search={search} activeOptions={{ includeSearch: false }}>
              {t('keys.title')}
            </Link>
          </li>
        </ul>
      </nav>
    </>
  );
}
