import { Table } from '@digdir/designsystemet-react';
import { type LadderStep, usePlanned } from '../api/services.ts';
import { useDates, weekdayOf } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { Waiting } from '../ui/states.tsx';
import { LadderTrouble } from './ladder-trouble.tsx';

interface Props {
  readonly party: string;
  /** When the letter is published that is thought of. */
  readonly from: string;
  /** What the days are of: two of them may stand on one page. */
  readonly name: string;
  readonly of: { readonly ladder?: string; readonly steps?: readonly LadderStep[] } | undefined;
}

/** Day by day, what would happen to a letter that is sent today and that nobody opens. */
export function PlannedDays({ party, from, name: label, of }: Props) {
  const { t, language } = useText();
  const { moment } = useDates();
  const planned = usePlanned(party, from, of);
  if (planned.error) return <LadderTrouble error={planned.error} again={() => void planned.refetch()} />;
  if (!planned.data) return of ? <Waiting /> : null;
  return (
    <Scrolling label={label}>
      <Table data-color="neutral" className="cards">
        <Table.Head>
          <Table.Row>
            {(['day', 'who', 'how', 'when'] as const).map((column) => (
              <Table.HeaderCell key={column} scope="col">
                {t(`ladder.column.${column}`)}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {planned.data.steps.map(({ name, who, when, channel, dueAt }) => (
            <Table.Row key={name}>
              <Table.HeaderCell scope="row">
                {weekdayOf(language, dueAt)} {moment(dueAt)}
              </Table.HeaderCell>
              <Table.Cell data-label={t('ladder.column.who')}>{t(`ladder.who.${who}`)}</Table.Cell>
              <Table.Cell data-label={t('ladder.column.how')}>{t(`ladder.channel.${channel}`)}</Table.Cell>
              <Table.Cell data-label={t('ladder.column.when')}>
                {when.length === 0 ? t('ladder.always') : when.map((cause) => t(`cause.${cause}`, { dueAt: '' }).trim()).join('; ')}
              </Table.Cell>
            </Table.Row>
          ))}
          <Table.Row>
            <Table.HeaderCell scope="row">
              {weekdayOf(language, planned.data.thenAskedAt)} {moment(planned.data.thenAskedAt)}
            </Table.HeaderCell>
            <Table.Cell colSpan={3}>{t('ladder.then')}</Table.Cell>
          </Table.Row>
        </Table.Body>
      </Table>
    </Scrolling>
  );
}
