import { Button, Heading, Table, Tag } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { type FileRecipient, type FileState, isNotUploaded, useFileRecipients, useRefreshFiles } from '../api/files.ts';
import { causeText } from '../console/cause-text.ts';
import { DecisionForm } from '../console/decision-form.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { Trouble, Waiting } from '../ui/states.tsx';

interface Props {
  readonly id: string;
  readonly party: string;
  readonly state: FileState;
}

/** Where the file stands with each recipient: fetched or not and why, what is next, and the decision that the sender may take. */
export function Recipients({ id, party, state }: Props) {
  const { t } = useText();
  const all = useFileRecipients(id, party, state);
  const refresh = useRefreshFiles();
  const [chosen, setChosen] = useState<string | null>(null);
  const rows = all.data?.pages.flatMap(({ recipients }) => recipients) ?? [];
  const one = rows.find(({ number, decisions }) => number === chosen && decisions.length > 0);
  return (
    <>
      {all.isLoading ? <Waiting /> : null}
      {all.error && !all.data ? <Trouble error={all.error} again={() => void all.refetch()} /> : null}
      {rows.length > 0 ? (
        <Scrolling label={t('files.recipients')}>
          <Table data-color="neutral" className="cards">
            <Table.Head>
              <Table.Row>
                {(['recipient', 'where', 'who', 'next', 'decide'] as const).map((column) => (
                  <Table.HeaderCell key={column} scope="col">
                    {t(`files.recipient.${column}`)}
                  </Table.HeaderCell>
                ))}
              </Table.Row>
            </Table.Head>
            <Table.Body>
              {rows.map((row) => (
                <Line
                  key={row.number}
                  row={row}
                  waitsForBytes={isNotUploaded(state)}
                  isChosen={row.number === chosen}
                  choose={() => setChosen(row.number)}
                />
              ))}
            </Table.Body>
          </Table>
        </Scrolling>
      ) : null}
      {all.hasNextPage ? (
        <Button variant="secondary" loading={all.isFetchingNextPage} onClick={() => void all.fetchNextPage()}>
          {t('ui.more')}
        </Button>
      ) : null}
      {one ? (
        <section className="sheet stack" aria-labelledby="decide">
          <Heading level={2} data-size="xs" id="decide">
            {t('files.decideTitle', { name: plainly(one.name, 80) })}
          </Heading>
          <DecisionForm
            key={one.number}
            party={party}
            items={[{ id, recipient: one.number }]}
            allowed={one.decisions}
            name={`${id}.${one.number}`}
            done={() => void refresh()}
            words={{
              what: t('files.decideWhat', { name: plainly(one.name, 80) }),
              of: (decision) => ({ label: t(`files.decision.${decision}`), means: t(`files.means.${decision}`) }),
            }}
          />
        </section>
      ) : null}
    </>
  );
}

interface LineProps {
  readonly row: FileRecipient;
  /** Its bytes have not come, and nothing happens by itself. */
  readonly waitsForBytes: boolean;
  readonly isChosen: boolean;
  readonly choose: () => void;
}

function Line({ row, waitsForBytes, isChosen, choose }: LineProps) {
  const { t } = useText();
  const { moment } = useDates();
  const name = plainly(row.name, 80);
  const waits = row.outcome === null && row.custody !== 'broken';
  return (
    <Table.Row>
      <Table.HeaderCell scope="row" className="wrap">
        {name} <span className="quiet">{row.number}</span>
      </Table.HeaderCell>
      <Table.Cell data-label={t('files.recipient.where')}>
        <Tag data-size="sm" data-color={row.custody === 'broken' ? 'warning' : row.outcome ? 'success' : 'neutral'}>
          {row.custody === 'broken'
            ? t('files.broken')
            : row.outcome
              ? t(`outcome.${row.outcome}`)
              : row.cause
                ? causeText(t, 'file', row.cause, row.nextStepAt ? moment(row.nextStepAt) : '')
                : t(`files.at.${row.status}`)}
        </Tag>
        {row.fetchedAt ? <p className="quiet">{t('files.fetchedAt', { at: moment(row.fetchedAt) })}</p> : null}
        {row.confirmedAt ? <p className="quiet">{t('files.confirmedAt', { at: moment(row.confirmedAt) })}</p> : null}
        {row.custody === 'whole' ? <p className="quiet">{t('files.whole')}</p> : null}
      </Table.Cell>
      <Table.Cell data-label={t('files.recipient.who')}>
        {waits ? t(`fetchability.${row.class}`, { n: row.class === 'GRANTABLE' ? row.grantors : row.openers }) : null}
      </Table.Cell>
      <Table.Cell data-label={t('files.recipient.next')}>
        {waitsForBytes ? t('next.upload') : row.nextStepAt ? moment(row.nextStepAt) : t('files.noNext')}
      </Table.Cell>
      <Table.Cell>
        {row.decisions.length > 0 ? (
          <Button variant="secondary" data-size="sm" aria-expanded={isChosen} onClick={choose}>
            {t('decide.title')}
            <span className="ds-sr-only">: {name}</span>
          </Button>
        ) : null}
      </Table.Cell>
    </Table.Row>
  );
}
