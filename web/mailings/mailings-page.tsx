import { Button, Table, Tag } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { type MailingRow, useMailings } from '../api/mailings.ts';
import { useServices } from '../api/send.ts';
import type { Party } from '../api/session.ts';
import { ConsoleTabs } from '../console/console-tabs.tsx';
import { SenderPage } from '../console/sender-page.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { More } from '../ui/more.tsx';
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
  return (
    <SenderPage title={t('mailings.title')} Tabs={ConsoleTabs}>
      {(party) => <OwnMailings party={party} />}
    </SenderPage>
  );
}

function OwnMailings({ party }: { readonly party: Party }) {
  const { t } = useText();
  const mailings = useMailings(party.id);
  const rows = mailings.data?.pages.flatMap((page) => page.mailings) ?? [];
  return (
    <>
      <p className="narrow">{t('mailings.lead', { name: plainly(party.name, 80) })}</p>
      <p>
        <Button asChild>
          <Link to="/console/mailings/new" search={{ party: party.id }}>
            {t('mailings.new')}
          </Link>
        </Button>
      </p>
      {mailings.isLoading ? <Waiting /> : null}
      {mailings.error ? <Trouble error={mailings.error} again={() => void mailings.refetch()} /> : null}
      {mailings.data && rows.length === 0 ? (
        <Empty title={t('mailings.empty')}>
          <p>{t('mailings.emptyNext')}</p>
        </Empty>
      ) : null}
      {rows.length > 0 ? <MailingTable rows={rows} party={party.id} /> : null}
      <More of={mailings} />
    </>
  );
}

function MailingTable({ rows, party }: { readonly rows: readonly MailingRow[]; readonly party: string }) {
  const { t, language } = useText();
  const { moment } = useDates();
  const services = useServices(party).data?.services ?? [];
  const titleOf = (id: string): string => services.find((each) => each.id === id)?.title[language] ?? id;
  return (
    <Scrolling label={t('mailings.title')}>
      <Table data-color="neutral" className="cards">
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
              <Table.Cell data-label={t('mailings.column.state')}>
                <StateTag state={state} />
              </Table.Cell>
              <Table.Cell data-label={t('mailings.column.lines')}>{received}</Table.Cell>
              <Table.Cell className="wrap" data-label={t('mailings.column.service')}>
                {plainly(titleOf(resourceId), 80)}
              </Table.Cell>
              <Table.Cell data-label={t('mailings.column.created')}>{moment(createdAt)}</Table.Cell>
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
