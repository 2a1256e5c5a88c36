import { useQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { sandboxQuery, useSession } from './api/session.ts';
import { useText } from './ui/language.ts';
import { LoginLink } from './ui/login-link.tsx';
import { PageTitle } from './ui/page-title.tsx';
import { Trouble, Waiting } from './ui/states.tsx';

const FirstVisit = lazy(() => import('./sandbox/first-visit.tsx').then(({ FirstVisit: page }) => ({ default: page })));

/** The front page: the inbox for one who is logged in, else the way in. In a sandbox it tells what to try. */
export function HomePage() {
  const { t } = useText();
  const session = useSession();
  const sandbox = useQuery(sandboxQuery);
  if (session.error) return <Trouble error={session.error} again={() => void session.refetch()} />;
  if (session.isPending || sandbox.isPending) return <Waiting />;
  if (sandbox.data) {
    return (
      <Suspense fallback={<Waiting />}>
        <FirstVisit session={session.data ?? null} />
      </Suspense>
    );
  }
  if (session.data) return <Navigate to="/inbox" replace />;
  return (
    <div className="stack narrow">
      <PageTitle title={t('home.title')} />
      <p>{t('home.lead')}</p>
      <p>
        <LoginLink returnTo="/inbox">{t('session.logIn')}</LoginLink>
      </p>
    </div>
  );
}
