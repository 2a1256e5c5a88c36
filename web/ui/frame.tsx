import { Outlet } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useSession } from '../api/session.ts';
import { Announcer } from './announce.tsx';
import { keepDraftsOf } from './draft.ts';
import { FrameHead } from './frame-head.tsx';
import { useKeptFocus } from './keep-focus.ts';
import { speak, useText, wishedHere } from './language.ts';
import { useChosenParty } from './party.ts';
import { useSessionEnd } from './session-end.ts';

/** What stands around every page: who is logged in, where one can go, in which language. */
export function Frame() {
  const { t } = useText();
  const { data: session } = useSession();
  useSessionEnd(session);
  useKeptFocus();
  useEffect(() => {
    if (!session) return;
    keepDraftsOf(session.person.id);
    if (session.person.language && wishedHere() === null) void speak(session.person.language);
  }, [session]);
  return (
    <div className="frame">
      <a className="skip" href="#main">
        {t('frame.skip')}
      </a>
      <FrameHead session={session ?? null} />
      <Announcer />
      <main className="frame-main" id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <footer className="frame-foot">
        <p>Budstikke. {t('frame.line')}</p>
        <Help isIn={Boolean(session)} />
      </footer>
    </div>
  );
}

/** Whom to ask: somebody in one's organization, or, where one acts for none, the sender. */
function Help({ isIn }: { readonly isIn: boolean }) {
  const { t } = useText();
  return isIn ? <HelpOfTheirs /> : <p>{t('frame.helpPerson')}</p>;
}

function HelpOfTheirs() {
  const { t } = useText();
  const { party } = useChosenParty();
  return <p>{t(party && party.kind !== 'person' ? 'frame.help' : 'frame.helpPerson')}</p>;
}
