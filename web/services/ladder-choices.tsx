import { Button, Details } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { useLadderChoices } from '../api/services.ts';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { Trouble, Waiting } from '../ui/states.tsx';
import { useLadderName } from './ladder-name.ts';
import { useMakerWords } from './maker-words.ts';

/** Who has chosen the ladder of a service, and when: asked for when somebody wants to know. */
export function LadderChoices({ party, service }: { readonly party: string; readonly service: string }) {
  const { t } = useText();
  const [isOpen, setOpen] = useState(false);
  return (
    <Details onToggle={() => setOpen(true)}>
      <Details.Summary>{t('ladder.choices')}</Details.Summary>
      <Details.Content>{isOpen ? <Choices party={party} service={service} /> : null}</Details.Content>
    </Details>
  );
}

function Choices({ party, service }: { readonly party: string; readonly service: string }) {
  const { t } = useText();
  const { moment } = useDates();
  const named = useLadderName();
  const who = useMakerWords();
  const choices = useLadderChoices(party, service);
  if (choices.error) return <Trouble error={choices.error} again={() => void choices.refetch()} />;
  if (choices.isPending) return <Waiting />;
  const all = choices.data.pages.flatMap((page) => page.choices);
  if (all.length === 0) return <p className="quiet">{t('ladder.noChoices')}</p>;
  return (
    <>
      <ul>
        {all.map(({ id, at, by, ladder, limits }) => (
          <li key={id} className="wrap">
            {t('ladder.choice', {
              at: moment(at),
              who: who(by),
              ladder: named({ id: ladder }),
              limits: t(limits ? 'ladder.choiceLimits' : 'ladder.choiceNoLimits'),
            })}
          </li>
        ))}
      </ul>
      {choices.hasNextPage ? (
        <Button variant="secondary" loading={choices.isFetchingNextPage} onClick={() => void choices.fetchNextPage()}>
          {t('ladder.choicesOlder')}
        </Button>
      ) : null}
    </>
  );
}
