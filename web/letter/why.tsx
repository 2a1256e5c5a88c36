import { Details } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { useWhy } from '../api/inbox.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Trouble, Waiting } from '../ui/states.tsx';

/** By which right one sees this; asked when somebody wants to know. */
export function Why({ id }: { readonly id: string }) {
  const { t, language } = useText();
  const [asked, setAsked] = useState(false);
  const why = useWhy(id, asked);
  return (
    <Details onToggle={() => setAsked(true)}>
      <Details.Summary>{t('why.title')}</Details.Summary>
      <Details.Content>
        {why.isLoading ? <Waiting /> : null}
        {why.error ? <Trouble error={why.error} /> : null}
        {why.data && why.data.explanation.length > 0 ? (
          <p>{t('why.because', { path: plainly(why.data.explanation.map((step) => step[language]).join(', '), 1000) })}</p>
        ) : null}
        {why.data?.explanation.length === 0 ? <p>{t('why.unknown')}</p> : null}
      </Details.Content>
    </Details>
  );
}
