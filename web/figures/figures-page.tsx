import { Button } from '@digdir/designsystemet-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type Figures, type Lying, type Period, useExtract, useFigures, useLying } from '../api/figures.ts';
import type { Party } from '../api/session.ts';
import { SenderPage } from '../console/sender-page.tsx';
import { afterwards } from '../ui/afterwards.ts';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { useTitleOf } from '../ui/service-titles.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { addDays, dayOf, mondayOf } from './days.ts';
import { FiguresTabs } from './figures-tabs.tsx';
import { GroupTables } from './group-tables.tsx';
import { LyingTable } from './lying-table.tsx';
import { useNumbers } from './numbers.ts';
import { saveFile } from './save-file.ts';
import { lengths } from './search.ts';
import { Troubles } from './troubles.tsx';
import { WeekTables } from './week-tables.tsx';

import './figures.css';

export function FiguresPage() {
  const { t } = useText();
  return (
    <SignedIn>
      <SenderPage title={t('figures.title')} Tabs={FiguresTabs}>
        {(party) => <OfParty key={party.id} party={party} />}
      </SenderPage>
    </SignedIn>
  );
}

/** Does our post reach people, and how fast: week by week, and where it does not. */
function OfParty({ party }: { readonly party: Party }) {
  const { t } = useText();
  const { weeks = 12 } = useSearch({ from: '/console/figures' });
  const navigate = useNavigate({ from: '/console/figures' });
  const lying = useLying(party.id);
  const today = lying.data && dayOf(lying.data.at);
  const period = today ? { from: addDays(mondayOf(today), -7 * (weeks - 1)), to: today } : undefined;
  const figures = useFigures(party.id, period);
  const error = lying.error ?? figures.error;
  const choose = (next: (typeof lengths)[number]): void =>
    void navigate({ search: (before) => ({ ...before, weeks: next === 12 ? undefined : next }) });
  return (
    <>
      <p className="narrow">{t('figures.lead', { name: plainly(party.name, 80) })}</p>
      <fieldset className="filters">
        <legend className="ds-sr-only">{t('figures.period')}</legend>
        {lengths.map((each) => (
          <button key={each} type="button" className="filter" aria-pressed={each === weeks} onClick={() => choose(each)}>
            {t('figures.weeks', { count: each })}
          </button>
        ))}
      </fieldset>
      <Troubles error={error} party={party} again={() => void Promise.all([lying.refetch(), figures.refetch()])} />
      {!error && !figures.data ? <Waiting /> : null}
      {figures.data?.total.published === 0 ? (
        <Empty title={t('figures.empty')}>
          <p>
            <Link to="/console/new" search={{ party: party.id }}>
              {t('write.title')}
            </Link>
          </p>
        </Empty>
      ) : null}
      {figures.data && figures.data.total.published > 0 ? <Measured figures={figures.data} period={period!} party={party.id} /> : null}
      {lying.data && lying.data.total > 0 ? <NotOpened lying={lying.data} party={party.id} /> : null}
    </>
  );
}

interface MeasuredProps {
  readonly figures: Figures;
  readonly period: Period;
  readonly party: string;
}

function Measured({ figures, period, party }: MeasuredProps) {
  const { t } = useText();
  const { moment } = useDates();
  const { count, percent, duration } = useNumbers();
  const titleOf = useTitleOf(party);
  const { total, measuredAt } = figures;
  return (
    <>
      <section className="sheet stack-tight" aria-label={t('figures.inShort')}>
        <p>
          <strong>
            {t('figures.sum', {
              opened: count(total.opened),
              published: count(total.published),
              share: percent(total.opened / total.published),
            })}
          </strong>
        </p>
        <p>{t('figures.rest', { ended: count(total.endedUnopened), unread: count(total.unread) })}</p>
        {total.medianSeconds === null ? null : (
          <p>{t('figures.speed', { median: duration(total.medianSeconds), p90: duration(total.p90Seconds ?? total.medianSeconds) })}</p>
        )}
        <p className="quiet">{t('figures.measured', { at: moment(measuredAt) })}</p>
      </section>
      <WeekTables weeks={figures.weeks} total={total} period={period} />
      <GroupTables figures={figures} titleOf={titleOf} />
    </>
  );
}

/** What lies unread now, and all of it as a file. */
function NotOpened({ lying, party }: { readonly lying: Lying; readonly party: string }) {
  const { t } = useText();
  const extract = useExtract(party);
  const save = (): void => afterwards(extract.mutateAsync(), (text) => saveFile(`ulest-post-${dayOf(lying.at)}.csv`, 'text/csv', text));
  return (
    <>
      <LyingTable lying={lying} />
      {extract.error ? <Trouble error={extract.error} /> : null}
      <div className="row">
        <Button variant="secondary" data-size="sm" loading={extract.isPending} onClick={save}>
          {t('figures.extract')}
        </Button>
        <Link to="/unread" search={{ party }}>
          {t('figures.toBoard')}
        </Link>
      </div>
    </>
  );
}
