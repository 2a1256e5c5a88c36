import { useQuery } from '@tanstack/react-query';
import { Navigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { sandboxQuery, useSession } from '../api/session.ts';
import { useText, withTexts } from '../ui/language.ts';
import { LoginLink } from '../ui/login-link.tsx';
import { PageTitle } from '../ui/page-title.tsx';
import { plainly } from '../ui/plainly.ts';
import { Trouble, Waiting } from '../ui/states.tsx';

const FirstVisit = lazy(async () => ({ default: (await withTexts('sandbox', import('../sandbox/first-visit.tsx'))).FirstVisit }));

/** The front page: the inbox for one who is logged in, else the way in. In a sandbox it tells what to try. */
export function HomePage() {
  const { t } = useText();
  const session = useSession();
  const sandbox = useQuery(sandboxQuery);
  const { login, returnTo, reference } = useSearch({ from: '/' });
  if (session.error) return <Trouble error={session.error} again={() => void session.refetch()} />;
  if (session.isPending || sandbox.isPending) return <Waiting />;
  if (login && !session.data) {
    return (
      <div className="stack narrow">
        <PageTitle title={t('login.title')} />
        <p role="alert">{t(`login.${login}`)}</p>
        {reference ? <p className="quiet wrap">{t('state.reference', { reference: plainly(reference, 60) })}</p> : null}
        <p>
          <LoginLink returnTo={returnTo ?? '/inbox'}>{t('login.again')}</LoginLink>
        </p>
      </div>
    );
  }
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
