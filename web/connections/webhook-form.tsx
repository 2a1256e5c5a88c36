import { Button, Field, Heading, Label, Select, ValidationMessage } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { Refusal } from '../api/ask.ts';
import { useMakeWebhook } from '../api/connections.ts';
import { useServiceTitles } from '../api/figures.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { BoundedField, holdsTooMuch } from '../ui/bounded-field.tsx';
import { chosenOf } from '../ui/chosen-of.ts';
import { useDraft } from '../ui/draft.ts';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { eventNames, eventTypes } from './events.ts';
import { Refused } from './refused.tsx';
import { Secret } from './secret.tsx';

const empty = { endPoint: '', service: '', event: '' };

/** A new webhook: of which service, about what, to which address. Its secret is shown when it is made, and never again. */
export function WebhookForm({ party }: { readonly party: string }) {
  const { t, language } = useText();
  const services = useServiceTitles(party).data?.services ?? [];
  const make = useMakeWebhook(party);
  const [draft, change, clear] = useDraft(`webhook.${party}`, empty);
  const [tried, setTried] = useState(false);
  const service = chosenOf(services, draft.service);
  const name = eventNames.find((each) => each === draft.event);
  const wrong = { endPoint: !URL.canParse(draft.endPoint.trim()), service: service === undefined };
  // A refusal in the original's bare words: of those the address alone can be what is wrong here.
  const isRefused = make.error instanceof Refusal && make.error.status === 400 && make.error.row === null;
  const edit = (part: Partial<typeof empty>): void => {
    make.reset();
    change(part);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (holdsTooMuch(event)) return;
    setTried(true);
    if (!service || wrong.endPoint) return;
    const wish = {
      endPoint: draft.endPoint.trim(),
      resourceFilter: `urn:altinn:resource:${service.id}`,
      typeFilter: name ? eventTypes[name] : null,
    };
    afterwards(make.mutateAsync(wish), () => {
      clear();
      setTried(false);
      announce(t('webhooks.made'));
    });
  };
  return (
    <section className="stack narrow" aria-labelledby="new-webhook">
      <Heading level={2} data-size="xs" id="new-webhook">
        {t('webhooks.new')}
      </Heading>
      {make.data ? (
        <>
          <p role="status">{make.data.secret ? t('webhooks.madeNext') : t('webhooks.stoodAlready')}</p>
          {make.data.secret ? <Secret secret={make.data.secret} /> : null}
        </>
      ) : null}
      <Form className="stack" onSubmit={submit}>
        <BoundedField
          type="url"
          label={t('webhooks.endPoint')}
          description={t('webhooks.endPointHelp')}
          longest={2000}
          autoComplete="off"
          value={draft.endPoint}
          error={(tried && wrong.endPoint) || isRefused ? t('webhooks.endPointWrong') : undefined}
          onChange={(event) => edit({ endPoint: event.target.value })}
        />
        {services.length > 1 ? (
          <Field>
            <Label>{t('webhooks.service')}</Label>
            <Select
              value={draft.service}
              aria-invalid={tried && wrong.service ? true : undefined}
              onChange={(event) => edit({ service: event.target.value })}
            >
              <Select.Option value="">{t('webhooks.choose')}</Select.Option>
              {services.map(({ id, title }) => (
                <Select.Option key={id} value={id}>
                  {plainly(title[language], 100)}
                </Select.Option>
              ))}
            </Select>
            {tried && wrong.service ? <ValidationMessage>{t('webhooks.serviceMissing')}</ValidationMessage> : null}
          </Field>
        ) : null}
        <Field>
          <Label>{t('webhooks.events')}</Label>
          <Select value={draft.event} onChange={(event) => edit({ event: event.target.value })}>
            <Select.Option value="">{t('webhooks.allEvents')}</Select.Option>
            {eventNames.map((each) => (
              <Select.Option key={each} value={each}>
                {t(`webhooks.event.${each}`)}
              </Select.Option>
            ))}
          </Select>
        </Field>
        {make.error && !isRefused ? <Refused error={make.error} /> : null}
        <p>
          <Button type="submit" loading={make.isPending}>
            {t('webhooks.make')}
          </Button>
        </p>
      </Form>
    </section>
  );
}
