import { Button, Table, Tag } from '@digdir/designsystemet-react';
import { Link, useSearch } from '@tanstack/react-router';
import { type KeptStatement, useLying, useStatements, useStatementText } from '../api/figures.ts';
import type { Party } from '../api/session.ts';
import { SenderPage } from '../console/sender-page.tsx';
import { afterwards } from '../ui/afterwards.ts';
import { useDates } from '../ui/dates.ts';
import { locales, useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { addDays, addMonths, dayOf, daysOfMonth } from './days.ts';
import { FiguresTabs } from './figures-tabs.tsx';
import { useNumbers } from './numbers.ts';
import { saveFile } from './save-file.ts';
import { Troubles } from './troubles.tsx';
import './figures.css';

export function StatementsPage() {
  const { t } = useText();
  return (
    <SignedIn>
      <SenderPage title={t('statements.title')} Tabs={FiguresTabs}>
        {(party) => <Months key={party.id} party={party} />}
      </SenderPage>
    </SignedIn>
  );
}

/** A statement is made of each day that is over; a month of them at a time, yesterday's first. */
function Months({ party }: { readonly party: Party }) {
  const { t, language } = useText();
  const search = useSearch({ from: '/console/figures/statements' });
  const lying = useLying(party.id);
  const yesterday = lying.data && addDays(dayOf(lying.data.at), -1);
  const latest = yesterday?.slice(0, 7);
  const month = search.month ?? latest;
  const statements = useStatements(party.id, month ? daysOfMonth(month) : undefined);
  const error = lying.error ?? statements.error;
  const nameOf = (of: string): string =>
    new Intl.DateTimeFormat(locales[language], { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${of}-01`));
  return (
    <>
      <p className="narrow">{t('statements.lead', { name: plainly(party.name, 80) })}</p>
      {month && latest ? (
        <nav className="row" aria-label={t('statements.months')}>
          <Link to="/console/figures/statements" search={{ party: party.id, month: addMonths(month, -1) }}>
            {t('statements.toMonth', { month: nameOf(addMonths(month, -1)) })}
          </Link>
          {month < latest ? (
            <Link to="/console/figures/statements" search={{ party: party.id, month: addMonths(month, 1) }}>
              {t('statements.toMonth', { month: nameOf(addMonths(month, 1)) })}
            </Link>
          ) : null}
        </nav>
      ) : null}
      <Troubles error={error} party={party} again={() => void Promise.all([lying.refetch(), statements.refetch()])} />
      {!error && !statements.data ? <Waiting /> : null}
      {statements.data?.length === 0 && month ? (
        <Empty title={t('statements.empty', { month: nameOf(month) })}>
          <p>{t('statements.emptyNext')}</p>
        </Empty>
      ) : null}
      {statements.data && statements.data.length > 0 && month ? (
        <>
          <MonthTable rows={statements.data.toReversed()} party={party.id} title={nameOf(month)} />
          <SaveText
            party={party.id}
            period={daysOfMonth(month)}
            label={t('statements.saveMonth', { month: nameOf(month) })}
            name={`oppgjor-${month}`}
          />
        </>
      ) : null}
    </>
  );
}

function MonthTable({ rows, party, title }: { readonly rows: readonly KeptStatement[]; readonly party: string; readonly title: string }) {
  const { t } = useText();
  const { day } = useDates();
  const { count } = useNumbers();
  return (
    <Scrolling label={title}>
      <Table data-color="neutral" className="cards figure-table">
        <Table.Head>
          <Table.Row>
            <Table.HeaderCell scope="col">{t('statements.day')}</Table.HeaderCell>
            {(['openBefore', 'accepted', 'closed', 'openAfter'] as const).map((each) => (
              <Table.HeaderCell key={each} scope="col" className="number">
                {t(`statements.column.${each}`)}
              </Table.HeaderCell>
            ))}
            <Table.HeaderCell scope="col">{t('statements.addsUp')}</Table.HeaderCell>
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map(({ day: of, statement: { stock }, holds }) => (
            <Table.Row key={of}>
              <Table.HeaderCell scope="row">
                <Link to="/console/figures/statements/$day" params={{ day: of }} search={{ party }}>
                  {day(of)}
                </Link>
              </Table.HeaderCell>
              <Table.Cell className="number" data-label={t('statements.column.openBefore')}>
                {count(stock.openBefore)}
              </Table.Cell>
              <Table.Cell className="number" data-label={t('statements.column.accepted')}>
                + {count(stock.accepted)}
              </Table.Cell>
              <Table.Cell className="number" data-label={t('statements.column.closed')}>
                − {count(stock.closed)}
              </Table.Cell>
              <Table.Cell className="number" data-label={t('statements.column.openAfter')}>
                = {count(stock.openAfter)}
              </Table.Cell>
              <Table.Cell data-label={t('statements.addsUp')}>
                <Tag data-size="sm" data-color={holds ? 'success' : 'warning'}>
                  {holds ? t('statements.holds') : t('statements.broken')}
                </Tag>
              </Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </Scrolling>
  );
}

interface SaveProps {
  readonly party: string;
  readonly period: { readonly from: string; readonly to: string };
  readonly label: string;
  readonly name: string;
}

/** The statements as text, for people and for the archive; in Norwegian, as they are made. */
export function SaveText({ party, period, label, name }: SaveProps) {
  const text = useStatementText(party);
  const save = (): void => afterwards(text.mutateAsync(period), (file) => saveFile(`${name}.txt`, 'text/plain', file));
  return (
    <div className="stack-tight">
      {text.error ? <Trouble error={text.error} /> : null}
      <p>
        <Button variant="secondary" data-size="sm" loading={text.isPending} onClick={save}>
          {label}
        </Button>
      </p>
    </div>
  );
}
