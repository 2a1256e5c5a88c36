import { Button, Textfield } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { useAdvance, useClock } from '../api/sandbox.ts';
import { announce } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { Trouble, Waiting } from '../ui/states.tsx';
import { SandboxOnly } from './sandbox-only.tsx';

/** Steps that show something: a day makes a cause, seven a reminder, fourteen the sender's decision. */
const steps = [
  { advance: 'PT1H', text: 'sandbox.hour' },
  { advance: 'P1D', text: 'sandbox.day' },
  { advance: 'P7D', text: 'sandbox.week' },
  { advance: 'P14D', text: 'sandbox.fortnight' },
] as const;
const mostDays = 366;

export function ClockPage() {
  const { t } = useText();
  return (
    <SandboxOnly title={t('sandbox.clock')}>
      <ClockForm />
    </SandboxOnly>
  );
}

/** What time it is here, and letting it pass: all that falls due on the way is done. */
function ClockForm() {
  const { t } = useText();
  const { moment } = useDates();
  const clock = useClock();
  const advance = useAdvance();
  const [days, setDays] = useState('');
  const isWrong = days !== '' && !(Number.isInteger(Number(days)) && Number(days) >= 1 && Number(days) <= mostDays);
  const go = (by: string): void =>
    advance.mutate(by, {
      onSuccess: ({ now, stops }) => announce(t('sandbox.passed', { now: moment(now), count: stops.length })),
    });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (days !== '' && !isWrong) go(`P${days}D`);
  };
  return (
    <>
      <p className="narrow">{t('sandbox.clockLead')}</p>
      {clock.isPending ? <Waiting /> : null}
      {clock.error ? <Trouble error={clock.error} again={() => void clock.refetch()} /> : null}
      {clock.data ? (
        <p className="sheet">
          {t('sandbox.now')} <strong>{moment(clock.data.now)}</strong>
        </p>
      ) : null}
      <fieldset className="filters">
        <legend>{t('sandbox.let')}</legend>
        <div className="row">
          {steps.map(({ advance: by, text }) => (
            <Button key={by} variant="secondary" disabled={advance.isPending} onClick={() => go(by)}>
              {t(text)}
            </Button>
          ))}
        </div>
      </fieldset>
      <Form className="row row-end" onSubmit={submit}>
        <Textfield
          label={t('sandbox.days')}
          inputMode="numeric"
          value={days}
          error={isWrong ? t('sandbox.daysWrong', { most: mostDays }) : undefined}
          onChange={(event) => setDays(event.target.value.trim())}
        />
        <Button type="submit" variant="secondary" disabled={advance.isPending}>
          {t('sandbox.go')}
        </Button>
      </Form>
      {advance.isPending ? <Waiting /> : null}
      {advance.error ? <Trouble error={advance.error} /> : null}
      {advance.data ? (
        <section className="stack-tight" aria-label={t('sandbox.onTheWay')}>
          <p>{t('sandbox.passed', { now: moment(advance.data.now), count: advance.data.stops.length })}</p>
          <p>
            <a href="/sandbox">{t('sandbox.seeOutbox')}</a>
          </p>
        </section>
      ) : null}
    </>
  );
}
