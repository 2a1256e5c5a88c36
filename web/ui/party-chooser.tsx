import { Button } from '@digdir/designsystemet-react';
import { lazy, Suspense, useState } from 'react';
import { useText } from './language.ts';
import { useChosenParty } from './party.ts';
import { plainly } from './plainly.ts';

/** Fetched when somebody wants to choose: the frame is there before. */
const PartyDialog = lazy(async () => ({ default: (await import('./party-dialog.tsx')).PartyDialog }));

/** For whom one acts, and the way to act for another. With only oneself there is nothing to choose. */
export function PartyChooser() {
  const { t } = useText();
  const { party, parties, isLoading, choose } = useChosenParty();
  const [isOpen, setOpen] = useState(false);
  if (parties.length === 0 || isLoading) return null;
  if (party && parties.length === 1) {
    return (
      <span>
        <span className="acting-word">{t('party.actingFor')}</span> <strong>{plainly(party.name, 60)}</strong>
      </span>
    );
  }
  return (
    <>
      <Button variant="tertiary" data-size="sm" onClick={() => setOpen(true)}>
        <span>
          {party ? (
            <>
              <span className="acting-word">{t('party.actingFor')}</span> <strong>{plainly(party.name, 40)}</strong>
              <span className="ds-sr-only">. {t('party.change')}</span>
            </>
          ) : (
            t('party.choose')
          )}
        </span>
      </Button>
      {isOpen ? (
        <Suspense fallback={null}>
          <PartyDialog chosen={party} choose={choose} close={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
