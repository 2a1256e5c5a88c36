import { Button, Table, Tag } from '@digdir/designsystemet-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { causes, type UnreadItem, type UnreadSummary, useUnread, useUnreadSummary } from '../api/sent.ts';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import type { UnreadSearch } from './search.ts';
import { useSender } from './sender.ts';

export function UnreadPage() {
  return (
    <SignedIn>
      <UnreadBoard />
    </SignedIn>
  );
}

/** Who does not read us, and why: what lies unread, by cause, oldest first, with what happens next. */
function UnreadBoard() {
  const { t } = useText();
  const { party, isLoading } = useSender();
  const { cause } = useSearch({ from: '/unread' });
  const navigate = useNavigate({ from: '/unread' });
  const summary = useUnreadSummary(party?.id);
  const unread = useUnread(party?.id, cause);
  const rows = unread.data?.pages.flatMap((page) => page.items) ?? [];
  const choose = (next: UnreadSearch['cause']): void => void navigate({ search: (before: UnreadSearch) => ({ ...before, cause: next }) });
  return (
    <div className="stack">
      <PageTitle title={t('unread.title')} />
      {!isLoading && !party ? (
        <Empty title={t('unread.notSender')}>
          <p>{t('unread.notSenderNext')}</p>
        </Empty>
      ) : null}
      {party ? <p className="narrow">{t('unread.lead', { name: plainly(party.name, 80) })}</p> : null}
      {summary.data && summary.data.total > 0 ? <Causes summary={summary.data} chosen={cause} choose={choose} /> : null}
      {isLoading || unread.isLoading ? <Waiting /> : null}
      {unread.error ? <Trouble error={unread.error} again={() => void unread.refetch()} /> : null}
      {unread.data && rows.length === 0 ? (
        <Empty title={t('unread.empty')}>
          <p>{t('unread.emptyNext')}</p>
        </Empty>
      ) : null}
      {rows.length > 0 && party ? <Board rows={rows} party={party.id} /> : null}
      {unread.hasNextPage ? (
        <Button variant="secondary" loading={unread.isFetchingNextPage} onClick={() => void unread.fetchNextPage()}>
          {t('ui.more')}
        </Button>
      ) : null}
    </div>
  );
}

interface CausesProps {
  readonly summary: UnreadSummary;
  readonly chosen: UnreadSearch['cause'];
  readonly choose: (cause: UnreadSearch['cause']) => void;
}

function Causes({ summary, chosen, choose }: CausesProps) {
  const { t } = useText();
  const counts = causes.map((cause) => ({
    cause,
    count: summary.groups.filter((group) => group.cause === cause).reduce((sum, group) => sum + group.count, 0),
  }));
  return (
    <div className="stack-tight">
      <p>
        <strong>{t('unread.total', { count: summary.total })}</strong>
      </p>
      <fieldset className="filters">
        <legend className="ds-sr-only">{t('unread.causes')}</legend>
        {counts
          .filter(({ cause, count }) => count > 0 || cause === chosen)
          .map(({ cause, count }) => (
            <button
              key={cause}
              type="button"
              className="filter"
              aria-pressed={cause === chosen}
              onClick={() => choose(cause === chosen ? undefined : cause)}
            >
              {cause === 'waiting' ? t('unread.waiting') : t(`cause.${cause}`)} <strong>{count}</strong>
            </button>
          ))}
      </fieldset>
    </div>
  );
}

/** Causes that wait for a person, and not for a notice that is on its way. */
const someoneMustAct = new Set([
  'receiver-gone',
  'no-opener',
  'grant-needed',
  'attachment-locked',
  'no-contact-point',
  'notification-failed',
  'opened-not-confirmed',
]);

function Board({ rows, party }: { readonly rows: readonly UnreadItem[]; readonly party: string }) {
  const { t } = useText();
  const { moment } = useDates();
  return (
    <section className="table-scroll" aria-label={t('unread.title')} tabIndex={-1}>
      <Table data-color="neutral">
        <Table.Head>
          <Table.Row>
            {(['recipient', 'cause', 'who', 'age', 'next'] as const).map((column) => (
              <Table.HeaderCell key={column} scope="col">
                {t(`unread.${column}`)}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map((item) => (
            <Table.Row key={`${item.id} ${item.recipient.name}`}>
              <Table.HeaderCell scope="row" className="wrap">
                {item.kind === 'message' ? (
                  <Link to="/console/$id" params={{ id: item.id }} search={{ party }}>
                    {plainly(item.recipient.name, 80)}
                  </Link>
                ) : (
                  plainly(item.recipient.name, 80)
                )}
              </Table.HeaderCell>
              <Table.Cell>
                <Tag data-size="sm" data-color={someoneMustAct.has(item.cause) ? 'warning' : 'neutral'}>
                  {t(`cause.${item.cause}`, { dueAt: moment(item.nextStepAt) })}
                </Tag>
              </Table.Cell>
              <Table.Cell>{t(`openability.${item.class}`, { n: item.class === 'GRANTABLE' ? item.grantors : item.openers })}</Table.Cell>
              <Table.Cell>{item.ageDays === 0 ? t('unread.today') : t('unread.days', { count: item.ageDays })}</Table.Cell>
              <Table.Cell>{moment(item.nextStepAt)}</Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </section>
  );
}
