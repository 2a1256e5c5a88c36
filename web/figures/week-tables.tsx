import { type Figures, type Measures, type Period, spans } from '../api/figures.ts';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { addDays, mondayOf } from './days.ts';
import { type Column, FigureTable } from './figure-table.tsx';
import { useNumbers } from './numbers.ts';
import { Legend, WeekChart, type WeekColumn } from './week-chart.tsx';

type Week = Figures['weeks'][number];

interface Props {
  readonly weeks: readonly Week[];
  readonly total: Measures;
  readonly period: Period;
}

/** What became of the post of each week, how long it took, and how much is opened within so many days. */
export function WeekTables({ weeks, total, period }: Props) {
  const { t } = useText();
  const { day } = useDates();
  const { count, percent, duration } = useNumbers();
  const first: Column<Week> = { name: t('figures.week'), text: ({ week }) => day(week), cell: ({ week }) => week };
  const counted = (name: string, of: (week: Week) => number): Column<Week> => ({
    ...{ name, isNumber: true, text: (week) => count(of(week)), cell: of },
  });
  const took = (name: string, of: (week: Week) => number | null): Column<Week> => ({
    ...{ name, isNumber: true, unit: t('figures.hours') },
    text: (week) => (of(week) === null ? t('figures.none') : duration(of(week)!)),
    cell: (week) => (of(week) === null ? null : Math.round(of(week)! / 360) / 10),
  });
  const all = weeksBetween(mondayOf(period.from), mondayOf(period.to));
  const known = new Map(weeks.map((week) => [week.week, week]));
  const ends = [day(all[0]!), day(all.at(-1)!)] as const;
  const longest = Math.max(...weeks.map(({ medianSeconds }) => medianSeconds ?? 0));
  return (
    <>
      <FigureTable<Week>
        title={t('figures.byWeek')}
        lead={t('figures.byWeekLead')}
        file="ulest-per-uke"
        rows={weeks}
        keyOf={({ week }) => week}
        columns={[
          first,
          counted(t('figures.published'), ({ published }) => published),
          counted(t('figures.opened'), ({ opened }) => opened),
          counted(t('figures.ended'), ({ endedUnopened }) => endedUnopened),
          counted(t('figures.unread'), ({ unread }) => unread),
          {
            ...{ name: t('figures.rate'), isNumber: true, unit: '%', text: ({ unread, published }) => percent(unread / published) },
            cell: ({ unread, published }) => Math.round((unread / published) * 1000) / 10,
          },
        ]}
      >
        <WeekChart scale={[percent(1), percent(0)]} ends={ends} columns={all.map((key) => ({ key, parts: partsOf(known.get(key)) }))} />
        <Legend names={(['opened', 'ended', 'unread'] as const).map((part) => ({ part, text: t(`figures.${part}`) }))} />
      </FigureTable>
      <FigureTable<Week>
        title={t('figures.timeByWeek')}
        lead={t('figures.timeByWeekLead')}
        file="tid-per-uke"
        rows={weeks}
        keyOf={({ week }) => week}
        columns={[
          first,
          took(t('figures.median'), ({ medianSeconds }) => medianSeconds),
          took(t('figures.p90'), ({ p90Seconds }) => p90Seconds),
        ]}
      >
        {longest > 0 ? (
          <WeekChart
            scale={[duration(longest), count(0)]}
            ends={ends}
            columns={all.map((key) => ({ key, parts: [{ name: 'time', share: (known.get(key)?.medianSeconds ?? 0) / longest }] }))}
          />
        ) : null}
      </FigureTable>
      <FigureTable
        title={t('figures.within')}
        lead={t('figures.withinLead')}
        file="apnet-innen"
        rows={spans}
        keyOf={(span) => span}
        columns={[
          { name: t('figures.span'), text: (span) => t(`figures.${span}`) },
          {
            ...{ name: t('figures.share'), unit: '%' },
            text: (span) => (total.within[span].of === 0 ? t('figures.tooEarly') : percent(shareOf(total, span)!)),
            cell: (span) => (total.within[span].of === 0 ? null : Math.round(shareOf(total, span)! * 1000) / 10),
            bar: (span) => shareOf(total, span),
          },
          {
            name: t('figures.opened'),
            isNumber: true,
            text: (span) => count(total.within[span].opened),
            cell: (span) => total.within[span].opened,
          },
          { name: t('figures.of'), isNumber: true, text: (span) => count(total.within[span].of), cell: (span) => total.within[span].of },
        ]}
      />
    </>
  );
}

/** Pure. Also those without post, so that a chart shows time as it passed. */
function weeksBetween(first: string, last: string): string[] {
  const weeks: string[] = [];
  for (let week = first; week <= last; week = addDays(week, 7)) weeks.push(week);
  return weeks;
}

function partsOf(week: Week | undefined): WeekColumn['parts'] {
  if (!week) return [];
  const { opened, endedUnopened: ended, unread, published } = week;
  return Object.entries({ opened, ended, unread }).map(([name, n]) => ({
    name: name as 'opened' | 'ended' | 'unread',
    share: n / published,
  }));
}

/** Pure. Null where nothing is as old. */
export function shareOf({ within }: Pick<Measures, 'within'>, span: (typeof spans)[number]): number | null {
  return within[span].of === 0 ? null : within[span].opened / within[span].of;
}
