import { Button, Heading, Textfield } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { useReplay, type Webhook } from '../api/connections.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { instantInNorway } from '../ui/end-of-day.ts';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { Refused } from './refused.tsx';

/** Delivers once more all that happened within a time, also what is from before the webhook was made. */
export function ReplayForm({ webhook, party }: { readonly webhook: Webhook; readonly party: string }) {
  const { t } = useText();
  const replay = useReplay(party, webhook.id);
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [tried, setTried] = useState(false);
  if (webhook.state === 'Unvalidated') return null;
  const instantOf = (local: string): string | undefined => instantInNorway(local) ?? undefined;
  const start = instantOf(from);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (!start) return;
    const end = instantOf(to);
    afterwards(replay.mutateAsync({ from: start, ...(end ? { to: end } : {}) }), ({ again, added }) =>
      announce(t('webhooks.replayed', { again, added })),
    );
  };
  return (
    <section className="stack narrow" aria-labelledby="webhook-replay">
      <Heading level={2} data-size="xs" id="webhook-replay">
        {t('webhooks.replay')}
      </Heading>
      <p>{t('webhooks.replayLead')}</p>
      <Form className="stack" onSubmit={submit}>
        <Textfield
          type="datetime-local"
          label={t('webhooks.from')}
          value={from}
          error={tried && !start ? t('webhooks.fromMissing') : undefined}
          onChange={(event) => setFrom(event.target.value)}
        />
        <Textfield type="datetime-local" label={t('webhooks.to')} value={to} onChange={(event) => setTo(event.target.value)} />
        <Refused error={replay.error} />
        {replay.data ? <p role="status">{t('webhooks.replayed', { again: replay.data.again, added: replay.data.added })}</p> : null}
        <p>
          <Button type="submit" variant="secondary" loading={replay.isPending}>
            {t('webhooks.replayButton')}
          </Button>
        </p>
      </Form>
    </section>
  );
}
