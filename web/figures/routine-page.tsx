import { Tag } from '@digdir/designsystemet-react';
import { type Routine, useRoutine } from '../api/figures.ts';
import type { Party } from '../api/session.ts';
import { SenderPage } from '../console/sender-page.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Waiting } from '../ui/states.tsx';
import { FiguresTabs } from './figures-tabs.tsx';
import { RoutineForm } from './routine-form.tsx';
import { Troubles } from './troubles.tsx';
import './figures.css';

export function RoutinePage() {
  const { t } = useText();
  return (
    <SignedIn>
      <SenderPage title={t('routine.title')} Tabs={FiguresTabs}>
        {(party) => <OfParty key={party.id} party={party} />}
      </SenderPage>
    </SignedIn>
  );
}

/** Who is told by mail what lies unread, on which days, and whether they have said that the address is theirs. */
function OfParty({ party }: { readonly party: Party }) {
  const { t } = useText();
  const routine = useRoutine(party.id);
  return (
    <div className="stack narrow">
      <p>{t('routine.lead', { name: plainly(party.name, 80) })}</p>
      <Troubles error={routine.error} party={party} again={() => void routine.refetch()} />
      {routine.isLoading ? <Waiting /> : null}
      {routine.data === null ? (
        <Empty title={t('routine.empty')}>
          <p>{t('routine.emptyNext')}</p>
        </Empty>
      ) : null}
      {routine.data ? <Standing routine={routine.data} /> : null}
      {routine.data !== undefined && !routine.error ? <RoutineForm party={party.id} routine={routine.data} /> : null}
    </div>
  );
}

function Standing({ routine }: { readonly routine: Routine }) {
  const { t } = useText();
  const { moment } = useDates();
  const unproven = routine.addresses.some(({ confirmed }) => !confirmed);
  return (
    <section className={unproven ? 'sheet must-act stack' : 'sheet stack'} aria-label={t('routine.standing')}>
      <p>
        <strong>{routine.isOn ? t('routine.nextAt', { at: moment(routine.nextAt) }) : t('routine.off')}</strong>
      </p>
      {routine.addresses.length === 0 ? <p>{t('routine.nobody')}</p> : null}
      <ul className="plain-list stack-tight">
        {routine.addresses.map(({ email, confirmed, linkUntil }) => (
          <li key={email} className="wrap">
            {plainly(email, 254)}{' '}
            <Tag data-size="sm" data-color={confirmed ? 'success' : 'warning'}>
              {confirmed ? t('routine.confirmed') : t('routine.unconfirmed')}
            </Tag>
            {confirmed ? null : (
              <p className="quiet">{linkUntil ? t('routine.linkUntil', { at: moment(linkUntil) }) : t('routine.noLink')}</p>
            )}
          </li>
        ))}
      </ul>
      {routine.extracts.length > 0 ? (
        <>
          <p>{t('routine.sent')}</p>
          <ul className="stack-tight">
            {routine.extracts.slice(0, 5).map(({ dueAt, madeAt, items, sentAs, addresses }) => (
              <li key={dueAt}>
                {moment(madeAt)}: {t('routine.items', { count: items })} {t(`routine.sentAs.${sentAs}`, { count: addresses })}
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </section>
  );
}
