import { Details } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { useSeenBy } from '../api/inbox.ts';
import { useSession } from '../api/session.ts';
import { useDates } from '../ui/dates.ts';
import { eventText } from '../ui/event-text.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Trouble, Waiting } from '../ui/states.tsx';

/** Who has been at this message before; asked when somebody wants to know. */
export function SeenBy({ id }: { readonly id: string }) {
  const { t } = useText();
  const { moment } = useDates();
  const [asked, setAsked] = useState(false);
  const seen = useSeenBy(id, asked);
  // That somebody was let in says nothing beside what they then did; that somebody was not says all.
  const own = useSession().data?.person.id;
  const entries = seen.data?.entries.filter(({ kind, decision }) => kind === 'act' || (decision !== null && decision !== 'Permit'));
  return (
    <Details onToggle={() => setAsked(true)}>
      <Details.Summary>{t('seen.title')}</Details.Summary>
      <Details.Content>
        {seen.isLoading ? <Waiting /> : null}
        {seen.error ? <Trouble error={seen.error} /> : null}
        {entries?.length === 0 ? <p>{t('seen.nobody')}</p> : null}
        <ul className="plain-list stack-tight">
          {entries?.map(({ id: entry, at, event, kind, who }) => (
            <li key={entry}>
              <strong>
                {who.party !== null && who.party === own ? t('seen.you') : who.name ? plainly(who.name, 80) : t('seen.unnamed')}
              </strong>
              : {kind === 'act' ? eventText(t, event ?? '') : t('seen.refused')}, {moment(at)}
            </li>
          ))}
        </ul>
      </Details.Content>
    </Details>
  );
}
