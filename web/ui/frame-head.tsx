import { Button } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { logOut, type Session, useSealedAt } from '../api/session.ts';
import { forgetDrafts } from './draft.ts';
import { languages, speak, useText } from './language.ts';
import { tellOtherTabs } from './leave.ts';
import { forgetParty, useChosenParty } from './party.ts';
import { PartyChooser } from './party-chooser.tsx';
import { useSenderOf } from './sender-of.ts';
import { OfflineLine } from './states.tsx';

/** A page is the same page whatever is filtered on it. */
const anySearch = { includeSearch: false } as const;

const languageNames = { nb: 'Bokmål', nn: 'Nynorsk', en: 'English' } as const;

export function FrameHead({ session }: { readonly session: Session | null }) {
  const { t } = useText();
  return (
    <header className="frame-head">
      {session?.sandbox ? (
        <p className="sandbox-line">
          {t('frame.sandbox')} <Link to="/sandbox">{t('sandbox.title')}</Link>
        </p>
      ) : null}
      <OfflineLine />
      <div className="frame-head-inner">
        <Link to="/" className="frame-name">
          <SmallStick /> Budstikke
        </Link>
        {session ? <WaysOfSignedIn isOperator={session.operator} /> : <span className="frame-nav" />}
        <LanguageChoice />
        {session ? <Who session={session} /> : null}
      </div>
    </header>
  );
}

function WaysOfSignedIn({ isOperator }: { readonly isOperator: boolean }) {
  const { t } = useText();
  const chosen = useChosenParty();
  const { party } = chosen;
  const search = party ? { party: party.id } : {};
  const { sender } = useSenderOf(chosen);
  return (
    <nav className="frame-nav" aria-label={t('frame.pages')}>
      <ul>
        <li>
          <Link to="/inbox" search={search} activeOptions={anySearch}>
            {t('inbox.title')}
          </Link>
        </li>
        <li>
          <Link to="/access" search={search} activeOptions={anySearch}>
            {t('access.title')}
            <SealedCount />
          </Link>
        </li>
        {sender ? (
          <>
            <li>
              <Link to="/unread" search={{ party: sender.id }} activeOptions={anySearch}>
                {t('unread.title')}
              </Link>
            </li>
            <li>
              <Link to="/console" search={{ party: sender.id }} activeOptions={anySearch}>
                {t('sent.title')}
              </Link>
            </li>
          </>
        ) : null}
        {isOperator ? (
          <li>
            <Link to="/operator">{t('operator.title')}</Link>
          </li>
        ) : null}
      </ul>
    </nav>
  );
}

/** How much lies sealed that they could give access to, wherever. */
function SealedCount() {
  const { t } = useText();
  const count = useSealedAt().data?.reduce((sum, { sealed }) => sum + sealed, 0) ?? 0;
  return count === 0 ? null : (
    <>
      {' '}
      <span className="nav-count">{t('frame.sealed', { count })}</span>
    </>
  );
}

/** Each language by its own name. */
function LanguageChoice() {
  const { t, language } = useText();
  return (
    <nav className="languages" aria-label={t('frame.languages')}>
      <ul>
        {languages.map((each) => (
          <li key={each}>
            <button type="button" lang={each} aria-pressed={each === language} onClick={() => void speak(each, true)}>
              {languageNames[each]}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Who({ session }: { readonly session: Session }) {
  const { t } = useText();
  const [failed, setFailed] = useState(false);
  const leave = async (): Promise<void> => {
    try {
      const location = await logOut();
      forgetDrafts();
      forgetParty();
      tellOtherTabs('logged-out');
      window.location.replace(location);
    } catch {
      setFailed(true);
    }
  };
  return (
    <div className="frame-who">
      <PartyChooser />
      <span className="quiet frame-signed">{t('frame.signedInAs', { name: session.person.name })}</span>
      <Button variant="secondary" data-size="sm" onClick={() => void leave()}>
        {t('frame.logOut')}
      </Button>
      {failed ? <span role="alert">{t('frame.logOutFailed')}</span> : null}
    </div>
  );
}

/** A stick with three notches; decoration beside the name. */
export function SmallStick() {
  return (
    <svg
      width="16"
      height="30"
      viewBox="0 0 16 30"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.5"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M6 2v26M6 8h7M6 15h7M6 22h7" />
    </svg>
  );
}
