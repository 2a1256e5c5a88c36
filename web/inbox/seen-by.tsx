import { Details } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { useSeenBy } from '../api/inbox.ts';
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
  return (
    <Details onToggle={() => setAsked(true)}>
      <Details.Summary>{t('seen.title')}</Details.Summary>
      <Details.Content>
        {seen.isLoading ? <Waiting /> : null}
        {seen.error ? <Trouble error={seen.error} /> : null}
        {seen.data?.entries.length === 0 ? <p>{t('seen.nobody')}</p> : null}
        <ul className="plain-list stack-tight">
          {seen.data?.entries.map(({ at, event, name }) => (
            <li key={`${at} ${event} ${name}`}>
              <strong>{name ? plainly(name, 80) : t('seen.unnamed')}</strong>: {eventText(t, event ?? '')}, {moment(at)}
            </li>
          ))}
        </ul>
      </Details.Content>
    </Details>
  );
}
