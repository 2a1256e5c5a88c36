import { Button, Table } from '@digdir/designsystemet-react';
import { useRef, useState } from 'react';
import { type Grant, useGrants, useTakeAccess } from '../api/access.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { useChosenParty } from '../ui/party.ts';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { AccessTabs } from './access-tabs.tsx';
import { rightName } from './right-name.ts';

export function GrantedPage() {
  return (
    <SignedIn>
      <Granted />
    </SignedIn>
  );
}

/** Who has been given access at the party, to what and until when, and the way to take it back. */
function Granted() {
  const { t } = useText();
  const { party } = useChosenParty();
  const grants = useGrants(party?.id);
  const rows = grants.data?.pages.flatMap((page) => page.grants) ?? [];
  const title = useRef<HTMLParagraphElement>(null);
  return (
    <div className="stack">
      <PageTitle title={t('granted.title')} />
      <AccessTabs party={party?.id} />
      <p ref={title} tabIndex={-1} className="narrow">
        {party ? t('granted.lead', { name: plainly(party.name, 80) }) : null}
      </p>
      {grants.isLoading ? <Waiting /> : null}
      {grants.error ? <Trouble error={grants.error} again={() => void grants.refetch()} /> : null}
      {grants.data && rows.length === 0 ? (
        <Empty title={t('granted.empty')}>
          <p>{t('granted.emptyNext')}</p>
        </Empty>
      ) : null}
      {rows.length > 0 ? <GrantTable rows={rows} focusTitle={() => title.current?.focus()} /> : null}
      {grants.hasNextPage ? (
        <Button variant="secondary" onClick={() => void grants.fetchNextPage()}>
          {t('ui.more')}
        </Button>
      ) : null}
    </div>
  );
}

function GrantTable({ rows, focusTitle }: { readonly rows: readonly Grant[]; readonly focusTitle: () => void }) {
  const { t } = useText();
  const { day } = useDates();
  return (
    <section className="table-scroll" aria-label={t('granted.title')} tabIndex={-1}>
      <Table data-color="neutral">
        <Table.Head>
          <Table.Row>
            {(['who', 'what', 'since', 'until', 'take'] as const).map((column) => (
              <Table.HeaderCell key={column} scope="col">
                {t(`granted.${column}`)}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map((grant) => (
            <Table.Row key={grant.id}>
              <Table.HeaderCell scope="row">{plainly(grant.toName, 80)}</Table.HeaderCell>
              <Table.Cell className="wrap">
                {rightName(t, grant)}
                {grant.instance ? ` (${t('granted.oneMessage')})` : ''}
              </Table.Cell>
              <Table.Cell>{day(grant.createdAt)}</Table.Cell>
              <Table.Cell>{grant.until ? day(grant.until) : t('granted.noEnd')}</Table.Cell>
              <Table.Cell>
                <Take grant={grant} focusTitle={focusTitle} />
              </Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </section>
  );
}

/** Taking access away asks once more: it may seal post that lies unread. */
function Take({ grant, focusTitle }: { readonly grant: Grant; readonly focusTitle: () => void }) {
  const { t } = useText();
  const take = useTakeAccess();
  const [asked, setAsked] = useState(false);
  const name = plainly(grant.toName, 60);
  if (!asked) {
    return (
      <Button variant="secondary" data-size="sm" onClick={() => setAsked(true)}>
        {t('granted.takeFrom', { name })}
      </Button>
    );
  }
  const confirm = (): void =>
    afterwards(take.mutateAsync(grant.id), () => {
      announce(t('granted.taken', { name }));
      focusTitle();
    });
  return (
    <div className="stack-tight">
      <p role="alert">{t('granted.sure', { name })}</p>
      {take.error ? <Trouble error={take.error} /> : null}
      <div className="row">
        <Button data-size="sm" loading={take.isPending} onClick={confirm}>
          {t('granted.yes')}
        </Button>
        <Button variant="secondary" data-size="sm" onClick={() => setAsked(false)}>
          {t('granted.no')}
        </Button>
      </div>
    </div>
  );
}
