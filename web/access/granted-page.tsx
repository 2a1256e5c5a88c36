import { Button, Field, Label, Select } from '@digdir/designsystemet-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { type Grant, useGrants } from '../api/access.ts';
import { Hits } from '../ui/hits.tsx';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { useChosenParty } from '../ui/party.ts';
import { plainly } from '../ui/plainly.ts';
import { SearchField } from '../ui/search-field.tsx';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { AccessTabs } from './access-tabs.tsx';
import { Elsewhere } from './elsewhere.tsx';
import { GrantTable } from './grant-table.tsx';
import { type GrantedSearch, type GrantOrder, grantOrders } from './search.ts';
import { UndoTaking } from './undo-taking.tsx';

export function GrantedPage() {
  return (
    <SignedIn>
      <Granted />
    </SignedIn>
  );
}

/** Who has been given access at the party, to what, why and until when, and the way to take it back. */
function Granted() {
  const { t } = useText();
  const { party } = useChosenParty();
  const { q = '', by = 'byPerson' } = useSearch({ strict: false }) as GrantedSearch;
  const navigate = useNavigate();
  const grants = useGrants(party?.id, q);
  const [taken, setTaken] = useState<Grant | null>(null);
  const rows = grants.data?.pages.flatMap((page) => page.grants) ?? [];
  const lead = useRef<HTMLParagraphElement>(null);
  const go = (change: Partial<GrantedSearch>): void =>
    void navigate({ to: '.', search: ((before: GrantedSearch) => ({ ...before, ...change })) as never });
  const name = party ? plainly(party.name, 80) : '';
  return (
    <div className="stack">
      <PageTitle title={t('granted.title')} />
      <AccessTabs party={party?.id} />
      <div className="narrow stack-tight">
        <p ref={lead} tabIndex={-1}>
          {party ? t('granted.lead', { name }) : null}
        </p>
        <p>{t('given.byRole')}</p>
      </div>
      <Elsewhere />
      {taken && party && taken.at === party.id ? (
        <UndoTaking
          key={taken.id}
          grant={taken}
          done={() => {
            setTaken(null);
            lead.current?.focus();
          }}
        />
      ) : null}
      <SearchField label={t('given.search')} text={q} search={(text) => go({ q: text || undefined } as Partial<GrantedSearch>)} />
      <Hits
        count={grants.data ? rows.length : undefined}
        mayHaveMore={grants.hasNextPage}
        asked={`${party?.id} ${q}`}
        isNarrowed={q !== ''}
      />
      {grants.isLoading ? <Waiting /> : null}
      {grants.error ? <Trouble error={grants.error} again={() => void grants.refetch()} /> : null}
      {grants.data && rows.length === 0 ? <NothingGiven searched={q !== ''} /> : null}
      {rows.length > 0 ? (
        <>
          <Field className="narrow">
            <Label>{t('given.order')}</Label>
            <Select value={by} onChange={(event) => go({ by: event.target.value as GrantOrder })}>
              {grantOrders.map((order) => (
                <Select.Option key={order} value={order}>
                  {t(`given.${order}`)}
                </Select.Option>
              ))}
            </Select>
          </Field>
          <GrantTable
            rows={rows}
            order={by}
            took={(grant) => {
              setTaken(grant);
              lead.current?.focus();
            }}
          />
        </>
      ) : null}
      {grants.hasNextPage ? (
        <Button variant="secondary" onClick={() => void grants.fetchNextPage()}>
          {t('ui.more')}
        </Button>
      ) : null}
    </div>
  );
}

function NothingGiven({ searched }: { readonly searched: boolean }) {
  const { t } = useText();
  return searched ? (
    <Empty title={t('given.noneFound')}>
      <p>{t('given.noneFoundNext')}</p>
    </Empty>
  ) : (
    <Empty title={t('granted.empty')}>
      <p>{t('granted.emptyNext')}</p>
    </Empty>
  );
}
