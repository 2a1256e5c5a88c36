import { Button, Details, Table } from '@digdir/designsystemet-react';
import { type SentNotice, useNotices } from '../api/notices.ts';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { Trouble, Waiting } from '../ui/states.tsx';

/** Who was told by what, when, and what came of it; addresses by so much as tells one from another. */
export function SentNotices({ id, party }: { readonly id: string; readonly party: string }) {
  const { t } = useText();
  const notices = useNotices(id, party);
  const rows = notices.data?.pages.flatMap((page) => page.notices) ?? [];
  return (
    <Details className="sheet">
      <Details.Summary>{t('notices.title')}</Details.Summary>
      <Details.Content className="stack">
        {notices.isPending ? <Waiting /> : null}
        {notices.error ? <Trouble error={notices.error} again={() => void notices.refetch()} /> : null}
        {notices.data && rows.length === 0 ? <p>{t('notices.none')}</p> : null}
        {rows.length > 0 ? <NoticeTable rows={rows} /> : null}
        {notices.hasNextPage ? (
          <Button variant="secondary" onClick={() => void notices.fetchNextPage()}>
            {t('ui.more')}
          </Button>
        ) : null}
      </Details.Content>
    </Details>
  );
}

function NoticeTable({ rows }: { readonly rows: readonly SentNotice[] }) {
  const { t } = useText();
  const { moment } = useDates();
  return (
    <Scrolling label={t('notices.title')}>
      <Table data-color="neutral" className="cards">
        <Table.Head>
          <Table.Row>
            {(['who', 'where', 'outcome', 'attempts'] as const).map((column) => (
              <Table.HeaderCell key={column} scope="col">
                {t(`notices.${column}`)}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map(({ id, to, channel, address, state, dueAt, changedAt, attempts }) => (
            <Table.Row key={id}>
              <Table.HeaderCell scope="row">{t(`notices.to-${to}`)}</Table.HeaderCell>
              <Table.Cell data-label={t('notices.where')}>
                {t(`notices.by-${channel}`)}, {plainly(address, 60)}
              </Table.Cell>
              <Table.Cell data-label={t('notices.outcome')}>
                {t(`notices.state-${state}`)} {dueAt ? t('notices.next', { at: moment(dueAt) }) : moment(changedAt)}
              </Table.Cell>
              <Table.Cell data-label={t('notices.attempts')}>
                <ul className="plain-list">
                  {attempts.map((attempt) => (
                    <li key={attempt.at}>
                      {moment(attempt.at)}: {t(`notices.attempt-${attempt.outcome}`)}
                    </li>
                  ))}
                </ul>
              </Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </Scrolling>
  );
}
