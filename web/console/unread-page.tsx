import { Button } from '@digdir/designsystemet-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type BoardSort, causes } from '../api/board-words.ts';
import { type UnreadSummary, useUnread, useUnreadSummary } from '../api/sent.ts';
import type { Party } from '../api/session.ts';
import { useText } from '../ui/language.ts';
import { More } from '../ui/more.tsx';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import type { UnreadSearch } from './search.ts';
import { SenderPage } from './sender-page.tsx';
import { UnreadTable } from './unread-table.tsx';
import { WithWhom } from './with-whom.tsx';

export function UnreadPage() {
  return (
    <SignedIn>
      <UnreadBoard />
    </SignedIn>
  );
}

/** Who does not read us, and why: what lies unread, by cause, oldest first or by what happens next. */
function UnreadBoard() {
  const { t } = useText();
  return <SenderPage title={t('unread.title')}>{(party) => <OwnUnread party={party} />}</SenderPage>;
}

function OwnUnread({ party }: { readonly party: Party }) {
  const { t } = useText();
  const { cause, to, service, asked, sort = 'oldest' } = useSearch({ from: '/unread' });
  const navigate = useNavigate({ from: '/unread' });
  const filter = { recipient: to, resource: service, decisionAsked: asked };
  const summary = useUnreadSummary(party.id, filter);
  const unread = useUnread(party.id, { cause, ...filter }, sort);
  const rows = unread.data?.pages.flatMap((page) => page.items) ?? [];
  const change = (part: Partial<UnreadSearch>): void => void navigate({ search: (before: UnreadSearch) => ({ ...before, ...part }) });
  const isNarrowed = Boolean(cause || to || service || asked);
  const order = (next: BoardSort): void =>
    void navigate({ search: ({ sort: _, ...before }: UnreadSearch) => ({ ...before, ...(next === 'oldest' ? {} : { sort: next }) }) });
  return (
    <>
      <p className="narrow">{t('unread.lead', { name: plainly(party.name, 80) })}</p>
      {summary.data && (summary.data.total > 0 || isNarrowed) ? (
        <>
          <Causes summary={summary.data} chosen={cause} choose={(next) => change({ cause: next })}>
            {summary.data.decisionAsked > 0 || asked ? (
              <button
                type="button"
                className="filter filter-act"
                aria-pressed={asked === true}
                onClick={() => change({ asked: asked ? undefined : true })}
              >
                {t('unread.asked')} <strong>{summary.data.decisionAsked}</strong>
              </button>
            ) : null}
          </Causes>
          <WithWhom party={party.id} to={to} service={service} change={change} />
        </>
      ) : null}
      {unread.isLoading ? <Waiting /> : null}
      {unread.error ? <Trouble error={unread.error} again={() => void unread.refetch()} /> : null}
      {unread.data && rows.length === 0 ? (
        <Empty title={isNarrowed ? t('unread.noneOfThis') : t('unread.empty')}>
          <p>{isNarrowed ? t('unread.noneOfThisNext') : t('unread.emptyNext')}</p>
          {isNarrowed ? (
            <p>
              <Button variant="secondary" onClick={() => change({ cause: undefined, to: undefined, service: undefined, asked: undefined })}>
                {t('unread.showAll')}
              </Button>
            </p>
          ) : null}
        </Empty>
      ) : null}
      {rows.length > 0 ? <UnreadTable rows={rows} party={party.id} sort={sort} order={order} /> : null}
      <More of={unread} />
    </>
  );
}

interface CausesProps {
  readonly summary: UnreadSummary;
  readonly chosen: UnreadSearch['cause'];
  readonly choose: (cause: UnreadSearch['cause']) => void;
  /** Before them. */
  readonly children: ReactNode;
}

function Causes({ summary, chosen, choose, children }: CausesProps) {
  const { t } = useText();
  const counts = causes.map((cause) => ({
    cause,
    count: summary.groups.filter((group) => group.cause === cause).reduce((sum, group) => sum + group.count, 0),
  }));
  // What has not come to anybody is nobody's unread post.
  const notReady = counts.find(({ cause }) => cause === 'not-published')?.count ?? 0;
  return (
    <div className="stack-tight">
      <p>
        <strong>{t('unread.total', { count: summary.total - notReady })}</strong>
        {notReady > 0 ? ` ${t('unread.notReady', { count: notReady })}` : null}
      </p>
      <fieldset className="filters">
        <legend className="ds-sr-only">{t('unread.causes')}</legend>
        {children}
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
