import { Link } from '@tanstack/react-router';
import { ConsoleTabs } from '../console/console-tabs.tsx';
import { useText } from '../ui/language.ts';

/** The sender's pages, and under them those about numbers. */
export function FiguresTabs({ party }: { readonly party: string | undefined }) {
  const { t } = useText();
  const search = party ? { party } : {};
  return (
    <>
      <ConsoleTabs party={party} />
      <nav className="frame-nav" aria-label={t('figures.pages')}>
        <ul>
          <li>
            <Link to="/console/figures" search={search} activeOptions={{ exact: true, includeSearch: false }}>
              {t('figures.short')}
            </Link>
          </li>
          <li>
            <Link to="/console/figures/statements" search={search} activeOptions={{ includeSearch: false }}>
              {t('statements.title')}
            </Link>
          </li>
          <li>
            <Link to="/console/figures/routine" search={search} activeOptions={{ includeSearch: false }}>
              {t('routine.title')}
            </Link>
          </li>
          <li>
            <Link to="/console/figures/mails" search={search} activeOptions={{ includeSearch: false }}>
              {t('mails.title')}
            </Link>
          </li>
        </ul>
      </nav>
    </>
  );
}
