import { Link } from '@tanstack/react-router';
import { useText } from '../ui/language.ts';

const pages = [
  { to: '/', title: 'sandbox.three' },
  { to: '/sandbox', title: 'sandbox.outbox' },
  { to: '/sandbox/people', title: 'sandbox.people' },
  { to: '/sandbox/clock', title: 'sandbox.clock' },
  { to: '/sandbox/town', title: 'sandbox.town' },
] as const;

/** What there is for trying out. */
export function SandboxTabs() {
  const { t } = useText();
  return (
    <nav className="frame-nav" aria-label={t('sandbox.pages')}>
      <ul>
        {pages.map(({ to, title }) => (
          <li key={to}>
            <Link to={to} activeOptions={{ exact: true, includeSearch: false }}>
              {t(title)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
