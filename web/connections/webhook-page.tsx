import { Button, Heading } from '@digdir/designsystemet-react';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useNewSecret, useTendWebhook, useTestWebhook, useWebhook, type Webhook } from '../api/connections.ts';
import type { Party } from '../api/session.ts';
import { SenderPage } from '../console/sender-page.tsx';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { useTitleOf } from '../ui/service-titles.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Waiting } from '../ui/states.tsx';
import { Sure } from '../ui/sure.tsx';
import { ConnectionsTabs } from './connections-tabs.tsx';
import { DeliveryLog } from './delivery-log.tsx';
import { useEventName } from './events.ts';
import { Refused } from './refused.tsx';
import { ReplayForm } from './replay-form.tsx';
import { Secret } from './secret.tsx';
import { Troubles } from './troubles.tsx';
import { WebhookState } from './webhook-state.tsx';
import { serviceOf } from './webhooks-page.tsx';

export function WebhookPage() {
  const { t } = useText();
  const { id } = useParams({ from: '/console/connections/$id' });
  return (
    <SignedIn>
      <SenderPage title={t('webhooks.one')} Tabs={ConnectionsTabs}>
        {(party) => <One key={`${party.id} ${id}`} party={party} id={id} />}
      </SenderPage>
    </SignedIn>
  );
}

/** One webhook: how it fares, what was delivered, and what can be done about it. */
function One({ party, id }: { readonly party: Party; readonly id: string }) {
  const { t } = useText();
  const webhook = useWebhook(party.id, id);
  return (
    <>
      <p>
        <Link to="/console/connections" search={{ party: party.id }}>
          {t('webhooks.toAll')}
        </Link>
      </p>
      <Troubles error={webhook.error} party={party} again={() => void webhook.refetch()} />
      {webhook.isLoading ? <Waiting /> : null}
      {webhook.data && !webhook.error ? (
        <>
          <Facts webhook={webhook.data} party={party.id} />
          <Tend webhook={webhook.data} party={party.id} />
          <DeliveryLog webhook={webhook.data} party={party.id} />
          <ReplayForm webhook={webhook.data} party={party.id} />
        </>
      ) : null}
    </>
  );
}

function Facts({ webhook, party }: { readonly webhook: Webhook; readonly party: string }) {
  const { t } = useText();
  const { moment } = useDates();
  const titleOf = useTitleOf(party);
  const eventName = useEventName();
  const { endPoint, state, failures, failingSince, nextAttemptAt, pausedAt, typeFilter, created, madeBy, pending, lastNumber } = webhook;
  const mustAct = failures > 0;
  return (
    <section className={`sheet stack ${mustAct ? 'must-act' : state === 'Active' ? 'settled' : ''}`} aria-label={t('webhooks.one')}>
      <p className="wrap">
        <strong>{plainly(endPoint, 300)}</strong> <WebhookState webhook={webhook} />
      </p>
      {state === 'Unvalidated' ? <p>{t('webhooks.unvalidatedNext')}</p> : null}
      {state === 'Paused' && pausedAt ? (
        <p>{mustAct ? t('webhooks.pausedByUs', { at: moment(pausedAt) }) : t('webhooks.pausedByYou', { at: moment(pausedAt) })}</p>
      ) : null}
      {failingSince && mustAct ? (
        <p>
          {t('webhooks.failingSince', { at: moment(failingSince), count: failures })}{' '}
          {state !== 'Paused' && nextAttemptAt ? t('webhooks.nextAttempt', { at: moment(nextAttemptAt) }) : null}
        </p>
      ) : null}
      <dl className="facts">
        <dt>{t('webhooks.column.service')}</dt>
        <dd>{titleOf(serviceOf(webhook))}</dd>
        <dt>{t('webhooks.column.events')}</dt>
        <dd>{typeFilter ? eventName(typeFilter) : t('webhooks.allEvents')}</dd>
        <dt>{t('webhooks.column.pending')}</dt>
        <dd>{t('webhooks.pendingOf', { pending, last: lastNumber })}</dd>
        <dt>{t('webhooks.column.made')}</dt>
        <dd>{madeBy ? t('webhooks.madeBy', { at: moment(created), name: plainly(madeBy, 80) }) : moment(created)}</dd>
      </dl>
    </section>
  );
}

function Tend({ webhook: { id, state, endPoint }, party }: { readonly webhook: Webhook; readonly party: string }) {
  const { t } = useText();
  const navigate = useNavigate();
  const tend = useTendWebhook(party, id);
  const secret = useNewSecret(party, id);
  const test = useTestWebhook(party, id);
  const doing = (what: 'pause' | 'resume' | 'validate', done: string): void => afterwards(tend.mutateAsync(what), () => announce(done));
  const said = test.data
    ? t(test.data.isTaken ? 'webhooks.testTaken' : 'webhooks.testFailed', {
        answer: plainly(test.data.answer, 80),
        millis: test.data.tookMillis,
      })
    : null;
  const remove = async (): Promise<void> => {
    await tend.mutateAsync('delete');
    announce(t('webhooks.removed'));
    void navigate({ to: '/console/connections', search: { party } });
  };
  const renew = async (): Promise<void> => {
    await secret.mutateAsync();
    announce(t('webhooks.secretMade'));
  };
  return (
    <section className="stack" aria-labelledby="webhook-tend">
      <Heading level={2} data-size="xs" id="webhook-tend">
        {t('webhooks.tend')}
      </Heading>
      <Refused error={tend.error ?? secret.error ?? test.error} />
      <p role="status">{said}</p>
      <div className="row">
        {state === 'Active' ? (
          <Button variant="secondary" data-size="sm" loading={tend.isPending} onClick={() => doing('pause', t('webhooks.pausedNow'))}>
            {t('webhooks.pause')}
          </Button>
        ) : null}
        {state === 'Paused' ? (
          <Button data-size="sm" loading={tend.isPending} onClick={() => doing('resume', t('webhooks.resumedNow'))}>
            {t('webhooks.resume')}
          </Button>
        ) : null}
        {state === 'Unvalidated' ? (
          <Button data-size="sm" loading={tend.isPending} onClick={() => doing('validate', t('webhooks.askedNow'))}>
            {t('webhooks.validate')}
          </Button>
        ) : null}
        {state === 'Unvalidated' ? null : (
          <Button variant="secondary" data-size="sm" loading={test.isPending} onClick={() => test.mutate()}>
            {t('webhooks.test')}
          </Button>
        )}
        <Sure label={t('webhooks.newSecret')} yes={t('webhooks.newSecretYes')} isPending={secret.isPending} confirm={renew}>
          <p>{t('webhooks.newSecretMeans')}</p>
        </Sure>
        <Sure label={t('webhooks.remove')} yes={t('webhooks.removeYes')} isPending={tend.isPending} confirm={remove}>
          <p className="wrap">{t('webhooks.removeMeans', { endPoint: plainly(endPoint, 120) })}</p>
        </Sure>
      </div>
      {secret.data ? <Secret key={secret.data.secret} secret={secret.data.secret} /> : null}
    </section>
  );
}
