import { Button, Heading, Table, Tag } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type Mailing, useSentLines } from '../api/mailings.ts';
import { useSentItems } from '../api/sent.ts';
import { isCalm } from '../console/way-of.ts';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { Trouble } from '../ui/states.tsx';

const shownAtOnce = 50;

/** What became of each line: whom its message went to, and where that stands now. */
export function SentLines({ party, mailing }: { readonly party: string; readonly mailing: Mailing }) {
  const { t } = useText();
  const { moment } = useDates();
  const lines = useSentLines(party, mailing.mailingId, mailing.counts.sent);
  const [most, setMost] = useState(shownAtOnce);
  const known = lines.data?.pages.flatMap(({ messages }) => messages) ?? [];
  const shown = known.slice(0, most);
  const items = useSentItems(
    shown.map(({ correspondenceId }) => correspondenceId),
    party,
  );
  if (mailing.counts.sent === 0) return null;
  const more = (): void => {
    setMost(most + shownAtOnce);
    if (most + shownAtOnce > known.length && lines.hasNextPage) void lines.fetchNextPage();
  };
  return (
    <section className="sheet stack" aria-labelledby="sent-lines">
      <Heading level={2} data-size="xs" id="sent-lines">
        {t('mailings.lines', { count: mailing.counts.sent })}
      </Heading>
      {lines.error ? <Trouble error={lines.error} again={() => void lines.refetch()} /> : null}
      <Scrolling label={t('mailings.lines', { count: mailing.counts.sent })}>
        <Table data-color="neutral" className="cards">
          <Table.Head>
            <Table.Row>
              <Table.HeaderCell scope="col">{t('line.number')}</Table.HeaderCell>
              <Table.HeaderCell scope="col">{t('sent.column.recipient')}</Table.HeaderCell>
              <Table.HeaderCell scope="col">{t('sent.column.where')}</Table.HeaderCell>
            </Table.Row>
          </Table.Head>
          <Table.Body>
            {shown.map(({ line, correspondenceId }) => {
              const item = items.get(correspondenceId);
              return (
                <Table.Row key={line}>
                  <Table.Cell>{line}</Table.Cell>
                  <Table.HeaderCell scope="row" className="wrap">
                    <Link to="/console/$id" params={{ id: correspondenceId }} search={{ party }}>
                      {item ? plainly(item.recipient.name, 80) : t('sent.one')}
                    </Link>
                  </Table.HeaderCell>
                  <Table.Cell data-label={t('sent.column.where')}>
                    {item ? (
                      <Tag data-size="sm" data-color={item.outcome ? 'success' : isCalm(item.cause) ? 'neutral' : 'warning'}>
                        {item.outcome
                          ? t(`outcome.${item.outcome}`)
                          : item.cause
                            ? t(`cause.${item.cause}`, { dueAt: item.nextStepAt ? moment(item.nextStepAt) : '' })
                            : t('sent.notOpened')}
                      </Tag>
                    ) : null}
                  </Table.Cell>
                </Table.Row>
              );
            })}
          </Table.Body>
        </Table>
      </Scrolling>
      {known.length > most || lines.hasNextPage ? (
        <Button variant="secondary" loading={lines.isFetchingNextPage} onClick={more}>
          {t('ui.more')}
        </Button>
      ) : null}
    </section>
  );
}
