import { Alert, Heading, Table } from '@digdir/designsystemet-react';
import { Link, useParams } from '@tanstack/react-router';
import { Fragment, lazy, Suspense, useEffect } from 'react';
import { classes, type Mailing, useMailing, useMoveMailing } from '../api/mailings.ts';
import { useServices } from '../api/send.ts';
import { useSender } from '../console/sender.ts';
import { hush } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { useText, withTexts } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { LineErrors } from './line-errors.tsx';
import { StateTag } from './mailings-page.tsx';
import { CheckButton, Moves } from './moves.tsx';
import { Progress } from './progress.tsx';
import { SentLines } from './sent-lines.tsx';

const MailingLetter = lazy(async () => {
  const letter = await withTexts('console', withTexts('mailings', withTexts('letter', import('./mailing-letter.tsx'))));
  return { default: letter.MailingLetter };
});

export function MailingPage() {
  const { id } = useParams({ from: '/console/mailings/$id' });
  return (
    <SignedIn>
      <OneMailing key={id} id={id} />
    </SignedIn>
  );
}

/** A letter to many: what became of the list, who could open it, and how far it has come. */
function OneMailing({ id }: { readonly id: string }) {
  const { t } = useText();
  const { party, isLoading, error } = useSender();
  const mailing = useMailing(party?.id, id);
  const { data } = mailing;
  return (
    <div className="stack">
      <p>
        <Link to="/console/mailings" search={party ? { party: party.id } : {}}>
          {t('mailings.toAll')}
        </Link>
      </p>
      <PageTitle title={data ? t('mailings.oneNamed', { reference: plainly(data.sendersReference, 80) }) : t('mailings.one')} />
      {!isLoading && !party ? (
        <Empty title={t('unread.notSender')}>
          <p>{t('unread.notSenderNext')}</p>
        </Empty>
      ) : null}
      {error ? <Trouble error={error} again={() => location.reload()} /> : isLoading || mailing.isLoading ? <Waiting /> : null}
      {mailing.error && !data ? <Trouble error={mailing.error} again={() => void mailing.refetch()} /> : null}
      {party && data ? <Shown party={party.id} mailing={data} /> : null}
    </div>
  );
}

function Shown({ party, mailing }: { readonly party: string; readonly mailing: Mailing }) {
  const { t, language } = useText();
  const { moment } = useDates();
  const service = useServices(party).data?.services.find(({ id }) => id === mailing.resourceId);
  const move = useMoveMailing(party, mailing.mailingId);
  const { counts, state, release } = mailing;
  // What goes on is no longer true of what is done.
  useEffect(() => {
    if (state === 'Finished') for (const move of ['release', 'resume'] as const) hush(t(`mailings.moved.${move}`));
  }, [state, t]);
  return (
    <>
      <p>
        <StateTag state={state} /> {t(`mailings.means.${state}`)}
      </p>
      {mailing.stalledBy ? (
        <Alert data-color="warning">
          <p>{t('mailings.stalled')}</p>
          <p className="wrap" lang="en">
            {plainly(mailing.stalledBy, 300)}
          </p>
        </Alert>
      ) : null}
      {release.at && state !== 'Open' ? <Progress mailing={mailing} /> : null}
      <Suspense fallback={<Waiting />}>
        <MailingLetter party={party} id={mailing.mailingId} service={plainly(service?.title[language] ?? mailing.resourceId, 120)} />
      </Suspense>
      <Moves key={state} mailing={mailing} move={move} />
      <dl className="facts">
        {(['received', 'refused', 'staged', 'sent', 'published', 'unsent'] as const).map((each) => (
          <Fragment key={each}>
            <dt>{t(`mailings.count.${each}`)}</dt>
            <dd>{counts[each]}</dd>
          </Fragment>
        ))}
        {release.at ? (
          <>
            <dt>{t('mailings.releasedAt')}</dt>
            <dd>{moment(release.at)}</dd>
          </>
        ) : null}
        {release.leaveOut.length > 0 ? (
          <>
            <dt>{t('mailings.leftOut')}</dt>
            <dd>{release.leaveOut.map((each) => t(`mailings.class.${each}`)).join('. ')}</dd>
          </>
        ) : null}
        {mailing.endedAt ? (
          <>
            <dt>{t('mailings.endedAt')}</dt>
            <dd>{moment(mailing.endedAt)}</dd>
          </>
        ) : null}
      </dl>
      <section className="sheet stack" aria-labelledby="who">
        <Heading level={2} data-size="xs" id="who">
          {t('mailings.who')}
        </Heading>
        <p className="narrow">{t('mailings.whoMeaning')}</p>
        <Scrolling label={t('mailings.who')}>
          <Table data-color="neutral" className="cards">
            <Table.Head>
              <Table.Row>
                <Table.HeaderCell scope="col">{t('sent.whoCanOpen')}</Table.HeaderCell>
                <Table.HeaderCell scope="col">{t('mailings.recipients')}</Table.HeaderCell>
                <Table.HeaderCell scope="col">{t('mailings.whatHappens')}</Table.HeaderCell>
              </Table.Row>
            </Table.Head>
            <Table.Body>
              {classes.map((each) => (
                <Table.Row key={each}>
                  <Table.HeaderCell scope="row">{t(`mailings.class.${each}`)}</Table.HeaderCell>
                  <Table.Cell data-label={t('mailings.recipients')}>{mailing.openability[each]}</Table.Cell>
                  <Table.Cell data-label={t('mailings.whatHappens')}>
                    {each === 'UNREACHABLE' ? t(`mailings.unreachable.${service?.unreachable ?? 'accept'}`) : t(`mailings.then.${each}`)}
                  </Table.Cell>
                </Table.Row>
              ))}
            </Table.Body>
          </Table>
        </Scrolling>
        {mailing.endedAt === null && counts.unsent > 0 ? <CheckButton mailing={mailing} move={move} /> : null}
      </section>
      <LineErrors party={party} mailing={mailing} />
      <SentLines party={party} mailing={mailing} />
      {counts.sent > 0 ? (
        <p>
          <Link to="/console" search={{ party }}>
            {t('mailings.toSent')}
          </Link>
        </p>
      ) : null}
    </>
  );
}
