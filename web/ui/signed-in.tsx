import type { ReactNode } from 'react';
import { useSession } from '../api/session.ts';
import { useText } from './language.ts';
import { LoginLink } from './login-link.tsx';
import { PageTitle } from './page-title.tsx';
import { useChosenParty } from './party.ts';
import { Trouble, Waiting } from './states.tsx';

let wasSignedIn = false;

interface Props {
  /** What is shown does not hang on whom the address names. */
  readonly anyParty?: boolean;
  readonly children: ReactNode;
}

/**
 * A page for one who is logged in. Whoever is not, or not any more, is shown nothing of it but the way in; what they
 * were writing is kept by the tab (draft.ts).
 */
export function SignedIn({ anyParty = false, children }: Props) {
  const { t } = useText();
  const { data: session, error, refetch, isPending } = useSession();
  if (isPending) return <Waiting />;
  if (session) {
    wasSignedIn = true;
    return anyParty ? children : <OfTheirs>{children}</OfTheirs>;
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

/** Nothing of anybody else is shown to one whose address names somebody they do not act for. */
function OfTheirs({ children }: { readonly children: ReactNode }) {
  const { t } = useText();
  const { isNotTheirs, error } = useChosenParty();
  if (error) return <Trouble error={error} again={() => location.reload()} />;
  if (!isNotTheirs) return children;
  return (
    <div className="stack narrow">
      <PageTitle title={t('party.notTheirs')} />
      <p>{t('party.notTheirsNext')}</p>
    </div>
  );
}
