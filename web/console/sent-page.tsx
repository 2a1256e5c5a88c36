import { Button, Table, Tag } from '@digdir/designsystemet-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { type SentItem, useSent } from '../api/sent.ts';
import type { Party } from '../api/session.ts';
import { useDates } from '../ui/dates.ts';
import { Hits } from '../ui/hits.tsx';
import { useText } from '../ui/language.ts';
import { More } from '../ui/more.tsx';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { useTitleOf } from '../ui/service-titles.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { LyingStick } from '../ui/stick-lying.tsx';
import { ConsoleTabs } from './console-tabs.tsx';
import type { SentSearch } from './search.ts';
import { SenderPage } from './sender-page.tsx';
import { isNarrowed, sentFilterOf } from './sent-filter.ts';
import { SentFilters } from './sent-filters.tsx';
import { isCalm, laidAt, wayOf } from './way-of.ts';

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
  return (
    <SenderPage title={t('sent.title')} Tabs={ConsoleTabs}>
      {(party) => <OwnSent party={party} />}
    </SenderPage>
  );
}

function OwnSent({ party }: { readonly party: Party }) {
  const { t } = useText();
  const asked = useSearch({ from: '/console' });
  const navigate = useNavigate({ from: '/console' });
  const filter = useMemo(() => sentFilterOf(asked), [asked]);
  const sent = useSent(party.id, filter);
  const narrowed = isNarrowed(asked);
  const rows = sent.data?.pages.flatMap(({ items }) => items) ?? [];
  const change = (part: Partial<SentSearch>): void => void navigate({ search: (before: SentSearch) => ({ ...before, ...part }) });
  const showAll = (): void => void navigate({ search: asked.party ? { party: asked.party } : {} });
  return (
    <>
      <p className="narrow">{t('sent.lead', { name: plainly(party.name, 80) })}</p>
      <p>
        <Button asChild>
          <Link to="/console/new" search={{ party: party.id }}>
            {t('write.title')}
          </Link>
        </Button>
      </p>
      <SearchField label={t('sent.search')} text={asked.q ?? ''} search={(text) => change({ q: text || undefined })} />
      <SentFilters party={party.id} search={asked} change={change} />
      <Hits
        count={sent.data ? rows.length : undefined}
        mayHaveMore={sent.hasNextPage}
        asked={JSON.stringify([party.id, filter])}
        isNarrowed={narrowed}
      />
      {sent.isLoading ? <Waiting /> : null}
      {sent.error ? <Trouble error={sent.error} again={() => void sent.refetch()} /> : null}
      {sent.data && rows.length === 0 ? (
        <Empty title={narrowed ? (sent.hasNextPage ? t('sent.notYet') : t('sent.notFound')) : t('sent.nothing')}>
          {narrowed ? (
            <p>
              <Button variant="secondary" data-size="sm" onClick={showAll}>
                {t('sent.all')}
              </Button>
            </p>
          ) : null}
        </Empty>
      ) : null}
      {rows.length > 0 ? <SentTable rows={rows} party={party.id} /> : null}
      <More of={sent} {...(narrowed ? { label: t('sent.searchOn') } : {})} />
    </>
  );
}

function SentTable({ rows, party }: { readonly rows: readonly SentItem[]; readonly party: string }) {
  const { t } = useText();
  const { moment } = useDates();
  const titleOf = useTitleOf(party);
  return (
    <Scrolling label={t('sent.title')}>
      <Table data-color="neutral" className="cards">
        <Table.Head>
          <Table.Row>
            {(['recipient', 'where', 'what', 'when'] as const).map((column) => (
              <Table.HeaderCell key={column} scope="col">
                {t(`sent.column.${column}`)}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map((item) => {
            const laid = laidAt(item);
            return (
              <Table.Row key={item.id}>
                <Table.HeaderCell scope="row" className="wrap">
                  <Link to="/console/$id" params={{ id: item.id }} search={{ party }}>
                    {plainly(item.recipient.name, 80)}
                  </Link>
                </Table.HeaderCell>
                <Table.Cell data-label={t('sent.column.where')}>
                  <LyingStick {...wayOf(item)} />
                  <Tag data-size="sm" data-color={item.outcome ? 'success' : isCalm(item.cause) ? 'neutral' : 'warning'}>
                    {item.outcome
                      ? item.outcome === 'accepted-unread' && item.openedAt
                        ? t('outcome.accepted-opened')
                        : t(`outcome.${item.outcome}`)
                      : laid
                        ? t('sent.laid', { at: moment(laid) })
                        : item.cause
                          ? t(`cause.${item.cause}`, { dueAt: item.nextStepAt ? moment(item.nextStepAt) : '' })
                          : t('sent.notOpened')}
                  </Tag>
                </Table.Cell>
                <Table.Cell className="wrap cards-whole">
                  {item.title === null ? t('sent.secretTitle') : plainly(item.title, 120)}
                  <span className="quiet under">{[titleOf(item.resource), plainly(item.sendersReference, 60)].join(' · ')}</span>
                </Table.Cell>
                <Table.Cell data-label={t('sent.column.when')}>
                  {laid ? t('sent.notThereYet') : moment(item.publishedAt ?? item.publishAt)}
                </Table.Cell>
              </Table.Row>
            );
          })}
        </Table.Body>
      </Table>
    </Scrolling>
  );
}
