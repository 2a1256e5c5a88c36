import { Button, Details } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { useForward } from '../api/letter.ts';
import { announce } from '../ui/announce.tsx';
import { BoundedField, holdsTooMuch } from '../ui/bounded-field.tsx';
import { useDraft } from '../ui/draft.ts';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { Trouble } from '../ui/states.tsx';

/** Sends the letter on by e-mail. What is typed survives a session that ends. */
export function ForwardForm({ id }: { readonly id: string }) {
  const { t } = useText();
  const forward = useForward(id);
  const [draft, change, clear] = useDraft(`forward.${id}`, { to: '', text: '' });
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (holdsTooMuch(event)) return;
    const to = draft.to.trim();
    setMissing(!to.includes('@'));
    if (!to.includes('@')) return;
    const text = draft.text.trim();
    const done = (): void => {
      clear();
      announce(t('forward.done', { to }));
    };
    forward.mutate({ forwardTo: to, ...(text ? { forwardingText: text } : {}) }, { onSuccess: done });
  };
  return (
    <Details defaultOpen={draft.to !== '' || draft.text !== ''}>
      <Details.Summary>{t('forward.title')}</Details.Summary>
      <Details.Content>
        <Form className="stack" onSubmit={submit}>
          <p>{t('forward.meaning')}</p>
          <BoundedField
            label={t('forward.to')}
            type="email"
            autoComplete="off"
            longest={320}
            value={draft.to}
            error={missing ? t('forward.toMissing') : undefined}
            onChange={(event) => change({ to: event.target.value })}
          />
          <BoundedField
            multiline
            label={t('forward.text')}
            longest={4000}
            rows={4}
            value={draft.text}
            onChange={(event) => change({ text: event.target.value })}
          />
          {forward.error ? <Trouble error={forward.error} /> : null}
          {forward.isSuccess ? <p>{t('forward.sent')}</p> : null}
          <p>
            <Button type="submit" variant="secondary" loading={forward.isPending}>
              {t('forward.button')}
            </Button>
          </p>
        </Form>
      </Details.Content>
    </Details>
  );
}
