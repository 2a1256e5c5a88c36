import { Alert } from '@digdir/designsystemet-react';
import { useRef, useState } from 'react';
import { AccessTabs } from '../access/access-tabs.tsx';
import { type Addresses, useAddresses } from '../api/addresses.ts';
import { Refusal } from '../api/ask.ts';
import type { Party } from '../api/session.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { useChosenParty } from '../ui/party.ts';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { AddressList } from './address-list.tsx';
import { CodeForm } from './code-form.tsx';
import { NewAddress } from './new-address.tsx';
import { Quiet } from './quiet.tsx';

export function AddressesPage() {
  return (
    <SignedIn>
      <AddressesOfParty />
    </SignedIn>
  );
}

/** Where the party is told that there is post, and when it wants to be left in peace. */
function AddressesOfParty() {
  const { t } = useText();
  const { party, parties, isLoading } = useChosenParty();
  const found = useAddresses(party?.id);
  const isOthers = found.error instanceof Refusal && found.error.code === 9681;
  return (
    <div className="stack">
      <PageTitle title={t('addresses.title')} />
      <AccessTabs party={party?.id} />
      {isLoading || found.isLoading ? <Waiting /> : null}
      {isOthers && party ? (
        <Empty title={t('addresses.notYours', { name: plainly(party.name, 80) })}>
          <p>{t('addresses.notYoursNext')}</p>
        </Empty>
      ) : null}
      {found.error && !isOthers ? <Trouble error={found.error} again={() => void found.refetch()} /> : null}
      {found.data ? <Shown key={found.data.party.id} shown={found.data} parties={parties} /> : null}
    </div>
  );
}

function Shown({ shown, parties }: { readonly shown: Addresses; readonly parties: readonly Party[] }) {
  const { t } = useText();
  const { party, addresses, waiting, quietHours } = shown;
  /** The code that was asked for just now: its field gets the focus. */
  const [asked, setAsked] = useState<string | null>(null);
  const lead = useRef<HTMLParagraphElement>(null);
  const toLead = (): void => lead.current?.focus();
  const stale = addresses.filter((each) => each.stale).length;
  return (
    <>
      <p ref={lead} tabIndex={-1} className="narrow">
        {party.kind === 'person' ? t('addresses.leadPerson') : t('addresses.leadOrganization', { name: plainly(party.name, 80) })}
      </p>
      {party.reserved ? <Alert data-color="neutral">{t('addresses.reserved')}</Alert> : null}
      {stale > 0 ? (
        <p className="sheet must-act narrow">
          {t(party.kind === 'person' ? 'addresses.stalePerson' : 'addresses.staleOrganization', { count: stale })}
        </p>
      ) : null}
      {waiting.map((proof) => (
        <CodeForm key={proof.id} proof={proof} isNew={proof.id === asked} done={toLead} />
      ))}
      <AddressList shown={shown} asked={setAsked} removed={toLead} />
      <NewAddress party={party} parties={parties} asked={setAsked} />
      <Quiet party={party} hours={quietHours} />
    </>
  );
}
