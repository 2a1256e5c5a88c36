import { Button, Table, Tag } from '@digdir/designsystemet-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type SentItem, useSent } from '../api/sent.ts';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { plainly } from '../ui/plainly.ts';
import { SearchField } from '../ui/search-field.tsx';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { LyingStick, type Way } from '../ui/stick-lying.tsx';
import { ConsoleTabs } from './console-tabs.tsx';
import { useSender } from './sender.ts';

export function SentPage() {
  return (
    <SignedIn>
      <Sent />
    </SignedIn>
  );
}

/** All that the organization has sent, latest first, with where each message stands. */
function Sent() {
  const { t } = useText();
  const { party, isLoading } = useSender();
  const { q } = useSearch({ from: '/console' });
  const navigate = useNavigate({ from: '/console' });
  const sent = useSent(party?.id, q);
  const rows = sent.data?.pages.flatMap(({ items }) => items) ?? [];
  const search = (text: string): void => void navigate({ search: (before) => ({ ...before, q: text || undefined }) });
  return (
    <div className="stack">
      <PageTitle title={t('sent.title')} />
      <ConsoleTabs party={party?.id} />
      {!isLoading && !party ? (
        <Empty title={t('unread.notSender')}>
          <p>{t('unread.notSenderNext')}</p>
        </Empty>
      ) : null}
      {party ? (
        <>
          <p className="narrow">{t('sent.lead', { name: plainly(party.name, 80) })}</p>
          <p>
            <Button asChild>
              <Link to="/console/new" search={{ party: party.id }}>
                {t('write.title')}
              </Link>
            </Button>
          </p>
          <SearchField label={t('sent.search')} text={q ?? ''} search={search} />
        </>
      ) : null}
      {isLoading || sent.isLoading ? <Waiting /> : null}
      {sent.error ? <Trouble error={sent.error} again={() => void sent.refetch()} /> : null}
      {sent.data && rows.length === 0 ? (
        <Empty title={q ? (sent.hasNextPage ? t('sent.notYet') : t('sent.notFound')) : t('sent.nothing')}>
          {q ? (
            <p>
              <Button variant="secondary" data-size="sm" onClick={() => search('')}>
                {t('sent.all')}
              </Button>
            </p>
          ) : null}
        </Empty>
      ) : null}
      {rows.length > 0 && party ? <SentTable rows={rows} party={party.id} /> : null}
      {sent.hasNextPage ? (
        <Button variant="secondary" loading={sent.isFetchingNextPage} onClick={() => void sent.fetchNextPage()}>
          {q ? t('sent.searchOn') : t('ui.more')}
        </Button>
      ) : null}
    </div>
  );
}

function SentTable({ rows, party }: { readonly rows: readonly SentItem[]; readonly party: string }) {
  const { t } = useText();
  const { moment } = useDates();
  return (
    <section className="table-scroll" aria-label={t('sent.title')} tabIndex={-1}>
      <Table data-color="neutral">
        <Table.Head>
          <Table.Row>
            {/* Where it stands comes before what it is: on a phone the rest lies beside the page. */}
            {(['recipient', 'where', 'what', 'when'] as const).map((column) => (
              <Table.HeaderCell key={column} scope="col">
                {t(`sent.column.${column}`)}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map((item) => (
            <Table.Row key={item.id}>
              <Table.HeaderCell scope="row" className="wrap">
                <Link to="/console/$id" params={{ id: item.id }} search={{ party }}>
                  {plainly(item.recipient.name, 80)}
                </Link>
              </Table.HeaderCell>
              <Table.Cell>
                <LyingStick {...wayOf(item)} />
                <Tag data-size="sm" data-color={item.outcome ? 'success' : 'neutral'}>
                  {item.outcome
                    ? t(`outcome.${item.outcome}`)
                    : item.cause
                      ? t(`cause.${item.cause}`, { dueAt: item.nextStepAt ? moment(item.nextStepAt) : '' })
                      : t('sent.notOpened')}
                </Tag>
              </Table.Cell>
              <Table.Cell className="wrap">
                {item.title === null ? t('letter.hiddenTitle') : plainly(item.title, 120)}
                <span className="quiet"> {plainly(item.sendersReference, 60)}</span>
              </Table.Cell>
              <Table.Cell>{moment(item.publishedAt ?? item.publishAt)}</Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </section>
  );
}

/** Sent, laid in the inbox, opened and, where it is asked for, confirmed. */
export function wayOf({ publishedAt, openedAt, confirmedAt, confirmNeeded, outcome }: SentItem): Way {
  const steps = [true, publishedAt !== null, openedAt !== null, ...(confirmNeeded ? [confirmedAt !== null] : [])];
  const next = steps.indexOf(false);
  return { notches: steps.length, cut: next === -1 ? steps.length : next, settled: outcome !== null };
}
