import { Heading } from '@digdir/designsystemet-react';
import { Link, useParams } from '@tanstack/react-router';
import { type DayStatement, type KeptStatement, useStatements } from '../api/figures.ts';
import type { Party } from '../api/session.ts';
import { SenderPage } from '../console/sender-page.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { useTitleOf } from '../ui/service-titles.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Waiting } from '../ui/states.tsx';
import { isDay } from './days.ts';
import { FiguresTabs } from './figures-tabs.tsx';
import { useNumbers } from './numbers.ts';
import { PartsTable } from './parts-table.tsx';
import { SaveText } from './statements-page.tsx';
import { Troubles } from './troubles.tsx';
import { useCauseName, useClassName, useOutcomeName } from './words.ts';
import './figures.css';

export function StatementPage() {
  const { t } = useText();
  const { day: of } = useParams({ from: '/console/figures/statements/$day' });
  const { day } = useDates();
  const title = isDay(of) ? t('statements.of', { day: day(of) }) : t('statements.title');
  return (
    <SignedIn>
      <SenderPage title={title} Tabs={FiguresTabs}>
        {(party) => <OfDay key={party.id} party={party} day={of} />}
      </SenderPage>
    </SignedIn>
  );
}

/** One day: what began it, what came and went, what was left, and that it adds up. */
function OfDay({ party, day }: { readonly party: Party; readonly day: string }) {
  const { t } = useText();
  const found = useStatements(party.id, isDay(day) ? { from: day, to: day } : undefined);
  const [kept] = found.data ?? [];
  const isMissing = !isDay(day) || (found.data && !kept);
  return (
    <>
      <p>
        <Link to="/console/figures/statements" search={{ party: party.id, ...(isDay(day) ? { month: day.slice(0, 7) } : {}) }}>
          {t('statements.toAll')}
        </Link>
      </p>
      <Troubles error={found.error} party={party} again={() => void found.refetch()} />
      {found.isLoading ? <Waiting /> : null}
      {isMissing ? (
        <Empty title={t('statements.noneThatDay')}>
          <p>{t('statements.emptyNext')}</p>
        </Empty>
      ) : null}
      {kept ? (
        <>
          <InWords kept={kept} />
          <Parts statement={kept.statement} party={party.id} />
          <ForAnother statement={kept.statement} />
          <Checked kept={kept} />
          <SaveText party={party.id} period={{ from: day, to: day }} label={t('statements.saveDay')} name={`oppgjor-${day}`} />
        </>
      ) : null}
    </>
  );
}

function InWords({ kept: { statement, holds, broken } }: { readonly kept: KeptStatement }) {
  const { t } = useText();
  const { count, duration } = useNumbers();
  const { stock, acts, timeToOpen } = statement;
  const [before, accepted, closed, after] = [stock.openBefore, stock.accepted, stock.closed, stock.openAfter].map(count);
  return (
    <section className={`sheet stack-tight ${holds ? 'settled' : 'must-act'}`} aria-label={t('figures.inShort')}>
      <p>{t('statements.began', { count: stock.openBefore })}</p>
      <p>{t('statements.cameAndWent', { accepted: accepted!, closed: closed! })}</p>
      <p>{t('statements.ended', { count: stock.openAfter })}</p>
      <p className="sum">
        {before} + {accepted} − {closed} = {after}
      </p>
      <p>
        <strong>{holds ? t('statements.allAdds') : t('statements.notAdds')}</strong>
      </p>
      {broken.length > 0 ? (
        <ul>
          {broken.map((rule) => (
            <li key={rule} lang="en">
              {rule}
            </li>
          ))}
        </ul>
      ) : null}
      <p>{t('statements.acts', { published: count(acts.published), opened: count(acts.opened), confirmed: count(acts.confirmed) })}</p>
      {timeToOpen && timeToOpen.medianSeconds !== null ? (
        <p>
          {t('statements.speed', {
            ...{ published: count(timeToOpen.published), within: count(timeToOpen.openedWithin7Days) },
            median: duration(timeToOpen.medianSeconds),
          })}
        </p>
      ) : null}
    </section>
  );
}

const nextActions = ['within-a-day', 'later', 'overdue', 'none', 'not-known'] as const;
const ageNames = ['d0', 'd1', 'd2to7', 'd8to30', 'd31plus'] as const;

function Parts({ statement, party }: { readonly statement: DayStatement; readonly party: string }) {
  const { t } = useText();
  const [causeName, outcomeName, className] = [useCauseName(), useOutcomeName(), useClassName()];
  const titleOf = useTitleOf(party);
  const { stock, closedBy, openBy, openAge, openByClass, nextAction, messages, files, resources } = statement;
  const closed = { name: t('statements.whole.closed'), count: stock.closed };
  const open = { name: t('statements.whole.openAfter'), count: stock.openAfter };
  const accepted = { name: t('statements.whole.accepted'), count: stock.accepted };
  const named = (counts: Readonly<Record<string, number>>, nameOf: (key: string) => string) =>
    Object.entries(counts).map(([key, count]) => ({ name: nameOf(key), count }));
  const nextName = (key: string): string => {
    const known = nextActions.find((each) => each === key);
    return known ? t(`statements.next.${known}`) : key;
  };
  const ageName = (key: string): string => {
    const known = ageNames.find((each) => each === key);
    return known ? t(`figures.age.${known}`) : key;
  };
  return (
    <>
      <PartsTable title={t('statements.closedBy')} parts={named(closedBy, outcomeName)} whole={closed} />
      <PartsTable title={t('statements.openBy')} parts={named(openBy, causeName)} whole={open} />
      <PartsTable title={t('statements.openAge')} parts={named(openAge, ageName)} whole={open} />
      <PartsTable title={t('statements.openByClass')} parts={named(openByClass, className)} whole={open} />
      <PartsTable title={t('statements.nextAction')} parts={named(nextAction, nextName)} whole={open} />
      <PartsTable
        title={t('statements.byKind')}
        parts={[
          { name: t('statements.messages'), count: messages.stock.accepted },
          { name: t('statements.files'), count: files.stock.accepted },
        ]}
        whole={accepted}
      />
      <PartsTable
        title={t('statements.byService')}
        parts={resources.map((each) => ({ name: titleOf(each.resource), count: each.stock.openAfter }))}
        whole={open}
      />
    </>
  );
}

/** What was sent on services of others, where there is any: its numbers stand apart. */
function ForAnother({ statement: { forAnother } }: { readonly statement: DayStatement }) {
  const { t } = useText();
  const { count } = useNumbers();
  if (!forAnother || forAnother.resources.length === 0) return null;
  const { openBefore, accepted, closed, openAfter } = forAnother.stock;
  return (
    <section className="stack-tight parts" aria-labelledby="statement-for-another">
      <Heading level={2} data-size="xs" id="statement-for-another">
        {t('statements.forAnother')}
      </Heading>
      <p>{t('statements.forAnotherLead')}</p>
      <p className="sum">
        {count(openBefore)} + {count(accepted)} − {count(closed)} = {count(openAfter)}
      </p>
      <PartsTable
        title={t('statements.byServiceOfOthers')}
        parts={forAnother.resources.map(({ resource, stock }) => ({ name: resource, count: stock.openAfter }))}
        whole={{ name: t('statements.whole.openAfter'), count: openAfter }}
      />
    </section>
  );
}

/** By what anybody can check that nothing was left out, and that it has not been changed. */
function Checked({ kept: { statement, sha256, previousSha256, madeAt } }: { readonly kept: KeptStatement }) {
  const { t } = useText();
  const { moment } = useDates();
  const { acceptedMessages, acceptedFiles, silent, messages, files } = statement;
  return (
    <section className="stack-tight" aria-labelledby="statement-checked">
      <Heading level={2} data-size="xs" id="statement-checked">
        {t('statements.checked')}
      </Heading>
      <p>
        {acceptedMessages === messages.stock.accepted
          ? t('statements.countedTwice', { count: acceptedMessages })
          : t('statements.countedDiffers', { twice: acceptedMessages, once: messages.stock.accepted })}
      </p>
      {acceptedFiles === undefined || (acceptedFiles === 0 && files.stock.accepted === 0) ? null : (
        <p>
          {acceptedFiles === files.stock.accepted
            ? t('statements.filesTwice', { count: acceptedFiles })
            : t('statements.filesDiffer', { twice: acceptedFiles, once: files.stock.accepted })}
        </p>
      )}
      <p>{silent === 0 ? t('statements.noneSilent') : t('statements.silent', { count: silent })}</p>
      <dl className="facts">
        <dt>{t('statements.madeAt')}</dt>
        <dd>{moment(madeAt)}</dd>
        <dt>{t('statements.sha256')}</dt>
        <dd className="hash">{sha256}</dd>
        <dt>{t('statements.previous')}</dt>
        <dd className="hash">{previousSha256 ?? t('statements.noPrevious')}</dd>
      </dl>
    </section>
  );
}
