import { Details, Heading } from '@digdir/designsystemet-react';
import { Link, useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { Decision } from '../api/decide.ts';
import { useSentLetter } from '../api/letter.ts';
import { type SentItem, type TimelineEntry, useSentItem, useTimeline, useWatch, type Watch } from '../api/sent.ts';
import { useDates } from '../ui/dates.ts';
import { useText, withTexts } from '../ui/language.ts';
import { tellsSomething } from '../ui/notches.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { plainly } from '../ui/plainly.ts';
import { useTitleOf } from '../ui/service-titles.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Trouble, Waiting } from '../ui/states.tsx';
import { Stick } from '../ui/stick.tsx';
import { DecisionForm } from './decision-form.tsx';
import { happenedText, notchesOf, plannedFor } from './notches-of.ts';
import { useSender } from './sender.ts';
import { isCalm, laidAt } from './way-of.ts';

const SentNotices = lazy(async () => {
  const page = await withTexts('notices', import('../notices/sent-notices.tsx'));
  return { default: page.SentNotices };
});

export function SentLetterPage() {
  const { id } = useParams({ from: '/console/$id' });
  return (
    <SignedIn>
      <SentLetter key={id} id={id} />
    </SignedIn>
  );
}

/** One message as its sender sees it: where is it now, why, what happens next, and all that happened. */
function SentLetter({ id }: { readonly id: string }) {
  const { t, language } = useText();
  const { moment } = useDates();
  const { party } = useSender();
  const watch = useWatch(id, party?.id);
  const timeline = useTimeline(id, party?.id, language);
  const letter = useSentLetter(id, party?.id);
  const item = useSentItem(id, party?.id);
  const subject = plainly(item.data?.title || letter.data?.content.messageTitle || '', 200);
  const name = item.data ? plainly(item.data.recipient.name, 80) : '';
  const error = watch.error ?? timeline.error;
  const laid = watch.data && item.data ? laidAt({ ...watch.data, publishAt: item.data.publishAt }) : null;
  return (
    <div className="stack">
      <p>
        <Link to="/unread" search={party ? { party: party.id } : {}}>
          {t('sent.back')}
        </Link>{' '}
        ·{' '}
        <Link to="/console" search={party ? { party: party.id } : {}}>
          {t('sent.toAll')}
        </Link>
      </p>
      <PageTitle title={!name ? t('sent.one') : subject ? t('sent.about', { what: subject, name }) : t('sent.oneTo', { name })} />
      {item.data && party ? <About item={item.data} party={party.id} /> : null}
      {error ? <Trouble error={error} again={() => void Promise.all([watch.refetch(), timeline.refetch()])} /> : null}
      {!error && watch.isPending ? <Waiting /> : null}
      {watch.data ? <Standing watch={watch.data} laid={laid} /> : null}
      {party && watch.data && canDecide(watch.data).length > 0 ? (
        <Details className="sheet">
          <Details.Summary>{t('decide.title')}</Details.Summary>
          <Details.Content>
            <DecisionForm
              party={party.id}
              items={[{ id }]}
              allowed={canDecide(watch.data)}
              name={id}
              isOpened={watch.data.openedAt !== null}
              {...(watch.data.publishedAt ? {} : { meansOfRecall: t('decide.meansEarly') })}
            />
          </Details.Content>
        </Details>
      ) : null}
      {watch.data && timeline.data ? (
        <section className="sheet stack" aria-labelledby="stick">
          <Heading level={2} data-size="xs" id="stick">
            {t('stick.title')}
          </Heading>
          <Stick notches={notchesOf({ watch: watch.data, laid, timeline: timeline.data }, t, moment)} label={t('stick.title')} />
          <Proofs timeline={timeline.data} steps={watch.data.steps} />
        </section>
      ) : null}
      {party && watch.data ? (
        <Suspense fallback={<Waiting />}>
          <SentNotices id={id} party={party.id} />
        </Suspense>
      ) : null}
    </div>
  );
}

/** To whom, on what service, under which reference: by this one message is told from another, whatever became of it. */
function About({ item, party }: { readonly item: SentItem; readonly party: string }) {
  const { t } = useText();
  const titleOf = useTitleOf(party);
  return (
    <dl className="facts">
      <dt>{t('sent.to')}</dt>
      <dd dir="auto">{plainly(item.recipient.name, 120)}</dd>
      <dt>{t('sent.service')}</dt>
      <dd>{titleOf(item.resource)}</dd>
      <dt>{t('sent.ourReference')}</dt>
      <dd>{plainly(item.sendersReference, 120)}</dd>
    </dl>
  );
}

/** What the steps prove, in the words of the evidence: for those who must be exact. */
function Proofs({ timeline, steps }: { readonly timeline: readonly TimelineEntry[]; readonly steps: Watch['steps'] }) {
  const { t } = useText();
  const { moment } = useDates();
  return (
    <Details>
      <Details.Summary>{t('sent.proof')}</Details.Summary>
      <Details.Content>
        <ul>
          {timeline
            .filter(tellsSomething)
            .toReversed()
            .map((entry) => (
              <li key={entry.id}>
                {t('sent.proofOf', { what: happenedText(entry, t, steps), at: moment(entry.at), sentence: entry.sentence })}
              </li>
            ))}
        </ul>
      </Details.Content>
    </Details>
  );
}

/** What is left to decide: nothing when it is settled, to let it be when it is opened, and of what is not there yet only that it shall not come. */
function canDecide({ outcome, openedAt, publishedAt, failure }: Watch): readonly Decision[] {
  if (outcome) return [];
  if (openedAt) return ['accept-as-unread'];
  return publishedAt || failure ? ['recall', 'resend', 'read-elsewhere', 'accept-as-unread'] : ['recall', 'resend'];
}

/** It had been opened when its sender decided to wait no longer. */
const isLetBe = ({ outcome, openedAt }: Watch): boolean => outcome === 'accepted-unread' && openedAt !== null;

function Standing({ watch, laid }: { readonly watch: Watch; readonly laid: string | null }) {
  const { t } = useText();
  const { moment, day } = useDates();
  const [next] = plannedFor(watch, laid, t);
  const at = watch.noticeDueAt ?? watch.nextActionAt;
  const count = watch.class === 'GRANTABLE' ? watch.grantors : watch.openers;
  return (
    <section
      className={`sheet stack-tight ${watch.outcome ? 'settled' : isCalm(watch.cause) ? '' : 'must-act'}`}
      aria-label={t('sent.now')}
    >
      <p>
        <strong>
          {watch.outcome
            ? isLetBe(watch)
              ? t('outcome.accepted-opened')
              : t(`outcome.${watch.outcome}`)
            : laid
              ? t('sent.laid', { at: moment(laid) })
              : watch.cause
                ? t(`cause.${watch.cause}`, { dueAt: at ? moment(at) : '' })
                : t('sent.notOpened')}
        </strong>{' '}
        {watch.settledAt ? moment(watch.settledAt) : null}
      </p>
      <dl className="facts">
        {watch.outcome ? null : (
          <>
            <dt>{t('sent.whoCanOpen')}</dt>
            <dd>{t(`openability.${watch.class}`, { n: count })}</dd>
            {watch.fetchedBySystemAt && !watch.openedAt ? (
              <>
                <dt>{t('sent.bySystem')}</dt>
                <dd>{t('sent.bySystemAt', { at: moment(watch.fetchedBySystemAt) })}</dd>
              </>
            ) : null}
            <dt>{t('sent.nextStep')}</dt>
            <dd>{next ? t('sent.nextAt', { what: next.what, at: moment(next.at) }) : t('sent.noNext')}</dd>
          </>
        )}
        {watch.dueAt ? (
          <>
            <dt>{t('letter.due')}</dt>
            <dd>{day(watch.dueAt)}</dd>
          </>
        ) : null}
        {watch.decision ? (
          <>
            <dt>{t('decision.made')}</dt>
            <dd>
              {isLetBe(watch) ? t('decide.opened') : t(`decision.${watch.decision.decision}`)}, {plainly(watch.decision.name, 80)},{' '}
              {moment(watch.decision.at)}: {plainly(watch.decision.reason, 500)}
            </dd>
          </>
        ) : null}
      </dl>
    </section>
  );
}
