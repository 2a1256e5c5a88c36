import { Link } from '@tanstack/react-router';
import { useText } from '../ui/language.ts';

/** The pages of a sender, in the order in which they are needed. */
const pages = [
  { to: '/console', title: 'sent.title' },
  { to: '/console/files', title: 'files.title' },
  { to: '/console/mailings', title: 'mailings.title' },
  { to: '/console/services', title: 'services.title' },
  { to: '/console/figures', title: 'figures.title' },
  { to: '/console/connections', title: 'connections.title' },
] as const;

export function ConsoleTabs({ party }: { readonly party: string | undefined }) {
  const { t } = useText();
  return (
    <nav className="frame-nav" aria-label={t('console.pages')}>
      <ul>
        {pages.map(({ to, title }) => (
          <li key={to}>
            <Link to={to} search={party ? { party } : {}} activeOptions={{ exact: to === '/console', includeSearch: false }}>
              {t(title)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
