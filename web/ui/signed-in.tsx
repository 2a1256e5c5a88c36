import type { ReactNode } from 'react';
import { useSession } from '../api/session.ts';
import { useText } from './language.ts';
import { LoginLink } from './login-link.tsx';
import { PageTitle } from './page-title.tsx';
import { Trouble, Waiting } from './states.tsx';

let wasSignedIn = false;

/**
 * A page for one who is logged in. Whoever is not, or not any more, is shown nothing of it but the way in; what they
 * were writing is kept by the tab (draft.ts).
 */
export function SignedIn({ children }: { readonly children: ReactNode }) {
  const { t } = useText();
  const { data: session, error, refetch, isPending } = useSession();
  if (isPending) return <Waiting />;
  if (session) {
    wasSignedIn = true;
    return children;
  }
  if (error && session === undefined) return <Trouble error={error} again={() => void refetch()} />;
  return (
    <div className="stack narrow">
      <PageTitle title={wasSignedIn ? t('session.ended') : t('session.needed')} />
      <p>{wasSignedIn ? t('session.endedNext') : t('session.neededNext')}</p>
      <p>
        <LoginLink returnTo={location.pathname + location.search}>{t('session.logIn')}</LoginLink>
      </p>
    </div>
  );
}
