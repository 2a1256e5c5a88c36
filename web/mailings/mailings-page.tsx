import { Button, Table, Tag } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { type MailingRow, useMailings } from '../api/mailings.ts';
import { useServices } from '../api/send.ts';
import { ConsoleTabs } from '../console/console-tabs.tsx';
import { useSender } from '../console/sender.ts';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';

export function MailingsPage() {
  return (
    <SignedIn>
      <Mailings />
    </SignedIn>
  );
}

/** Letters to many, the newest first. */
function Mailings() {
  const { t } = useText();
  const { party, isLoading } = useSender();
  const mailings = useMailings(party?.id);
  const rows = mailings.data?.pages.flatMap((page) => page.mailings) ?? [];
  return (
    <div className="stack">
      <PageTitle title={t('mailings.title')} />
      <ConsoleTabs party={party?.id} />
      {!isLoading && !party ? (
        <Empty title={t('unread.notSender')}>
          <p>{t('unread.notSenderNext')}</p>
        </Empty>
      ) : null}
      {party ? (
        <>
          <p className="narrow">{t('mailings.lead', { name: plainly(party.name, 80) })}</p>
          <p>
            <Button asChild>
              <Link to="/console/mailings/new" search={{ party: party.id }}>
                {t('mailings.new')}
              </Link>
            </Button>
          </p>
        </>
      ) : null}
      {isLoading || mailings.isLoading ? <Waiting /> : null}
      {mailings.error ? <Trouble error={mailings.error} again={() => void mailings.refetch()} /> : null}
      {mailings.data && rows.length === 0 ? (
        <Empty title={t('mailings.empty')}>
          <p>{t('mailings.emptyNext')}</p>
        </Empty>
      ) : null}
      {party && rows.length > 0 ? <MailingTable rows={rows} party={party.id} /> : null}
      {mailings.hasNextPage ? (
        <Button variant="secondary" loading={mailings.isFetchingNextPage} onClick={() => void mailings.fetchNextPage()}>
          {t('ui.more')}
        </Button>
      ) : null}
    </div>
  );
}

function MailingTable({ rows, party }: { readonly rows: readonly MailingRow[]; readonly party: string }) {
  const { t, language } = useText();
  const { moment } = useDates();
  const services = useServices(party).data?.services ?? [];
  const titleOf = (id: string): string => services.find((each) => each.id === id)?.title[language] ?? id;
  return (
    <Scrolling label={t('mailings.title')}>
      <Table data-color="neutral">
        <Table.Head>
          <Table.Row>
            {(['reference', 'state', 'lines', 'service', 'created'] as const).map((column) => (
              <Table.HeaderCell key={column} scope="col">
                {t(`mailings.column.${column}`)}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map(({ mailingId, state, resourceId, sendersReference, createdAt, received }) => (
            <Table.Row key={mailingId}>
              <Table.HeaderCell scope="row" className="wrap">
                <Link to="/console/mailings/$id" params={{ id: mailingId }} search={{ party }}>
                  {plainly(sendersReference, 80)}
                </Link>
              </Table.HeaderCell>
              <Table.Cell>
                <StateTag state={state} />
              </Table.Cell>
              <Table.Cell>{received}</Table.Cell>
              <Table.Cell className="wrap">{plainly(titleOf(resourceId), 80)}</Table.Cell>
              <Table.Cell>{moment(createdAt)}</Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </Scrolling>
  );
}

/** Ember where somebody must act: what is not let go, and what stands still. */
export function StateTag({ state }: Pick<MailingRow, 'state'>) {
  const { t } = useText();
  const colour = state === 'Open' || state === 'Paused' ? 'warning' : state === 'Finished' ? 'success' : 'neutral';
  return (
    <Tag data-size="sm" data-color={colour}>
      {t(`mailings.state.${state}`)}
    </Tag>
  );
}
