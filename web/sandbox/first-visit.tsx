import { Button, Heading } from '@digdir/designsystemet-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { usePeople } from '../api/sandbox.ts';
import type { Session } from '../api/session.ts';
import { SmallStick } from '../ui/frame-head.tsx';
import { useText } from '../ui/language.ts';
import { LoginLink } from '../ui/login-link.tsx';
import { PageTitle } from '../ui/page-title.tsx';
import { sendFirstLetters } from './first-letters.ts';

/** Logs in as the one who is named, whoever is logged in; where the town has no such person, as whom one will. */
function LoginAs({ person, returnTo }: { readonly person: string; readonly returnTo: string }) {
  const { t } = useText();
  const people = usePeople(person);
  const who = people.data?.people.find(({ name }) => name === person)?.number;
  // Before it is known who that is, the link would lead in as whoever was in last.
  if (people.isPending) return <Button disabled>{t('first.logInAs', { person })}</Button>;
  return (
    <LoginLink returnTo={returnTo} who={who}>
      {t('first.logInAs', { person })}
    </LoginLink>
  );
}

/** The sandbox's front page: three things to try, each with whom to log in as, and where the rest is. */
export function FirstVisit({ session }: { readonly session: Session | null }) {
  const { t } = useText();
  const letters = useQuery({ queryKey: ['first-letters'], queryFn: sendFirstLetters, staleTime: Number.POSITIVE_INFINITY });
  const steps = [
    { name: 'open', to: '/inbox', person: 'Ola Nordmann' },
    { name: 'sender', to: '/unread', person: 'Sigrid Skar' },
    { name: 'grant', to: '/access', person: 'Kari Berg' },
  ] as const;
  return (
    <div className="stack">
      <div className="row">
        <SmallStick />
        <PageTitle title={t('first.title')} />
      </div>
      <p className="narrow">{t('first.lead')}</p>
      <div role="status">
        {letters.isPending ? <p>{t('first.letters')}</p> : null}
        {letters.isError ? <p>{t('first.lettersFailed')}</p> : null}
      </div>
      {session ? (
        <p>
          {t('frame.signedInAs', { name: session.person.name })} <Link to="/inbox">{t('first.toInbox')}</Link>
        </p>
      ) : null}
      <ol className="steps">
        {steps.map(({ name, to, person }) => (
          <li key={name} className="sheet stack">
            <Heading level={2} data-size="xs">
              {t(`first.${name}`)}
            </Heading>
            <p>{t(`first.${name}Next`, { person })}</p>
            <p>
              <LoginAs person={person} returnTo={to} />
            </p>
          </li>
        ))}
      </ol>
      <Heading level={2} data-size="xs">
        {t('first.more')}
      </Heading>
      <ul>
        <li>
          <Link to="/sandbox">{t('first.outbox')}</Link>
        </li>
        <li>
          <a href="/docs">{t('first.docs')}</a>
        </li>
      </ul>
    </div>
  );
}
