import { Button, Details } from '@digdir/designsystemet-react';
import { type FormEvent, useRef, useState } from 'react';
import { type LabelChange, type OneItem, useLabels } from '../api/inbox.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { BoundedField, holdsTooMuch } from '../ui/bounded-field.tsx';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Trouble } from '../ui/states.tsx';

const longestLabel = 40;

/** Words of one's own on a letter, for finding it again; shared by those who act for the same party. */
export function LabelForm({ item }: { readonly item: OneItem }) {
  const { t } = useText();
  const labels = useLabels(item.id);
  const field = useRef<HTMLInputElement>(null);
  const [word, setWord] = useState('');
  const [missing, setMissing] = useState(false);
  const undoing = (change: LabelChange, said: 'label.added' | 'label.removed', label: string) => ({
    run: () => labels.mutateAsync(change),
    said: t(said, { label: plainly(label, longestLabel) }),
  });
  const remove = (label: string): void =>
    afterwards(labels.mutateAsync({ remove: [label] }), () => {
      announce(t('label.removed', { label: plainly(label, longestLabel) }), undoing({ add: [label] }, 'label.added', label));
      field.current?.focus();
    });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (holdsTooMuch(event)) return;
    const add = word.trim();
    setMissing(add === '');
    if (add === '') return;
    afterwards(labels.mutateAsync({ add: [add] }), () => {
      setWord('');
      announce(t('label.added', { label: plainly(add, longestLabel) }), undoing({ remove: [add] }, 'label.removed', add));
    });
  };
  return (
    <Details>
      <Details.Summary>{t('label.title')}</Details.Summary>
      <Details.Content>
        <Form className="stack" onSubmit={submit}>
          {item.labels.length > 0 ? (
            <ul className="plain-list row">
              {item.labels.map((label) => (
                <li key={label}>
                  <Button type="button" variant="secondary" data-size="sm" onClick={() => remove(label)}>
                    {t('label.remove', { label: plainly(label, longestLabel) })}
                  </Button>
                </li>
              ))}
            </ul>
          ) : null}
          <BoundedField
            ref={field}
            label={t('label.new')}
            description={t('label.help')}
            longest={longestLabel}
            value={word}
            error={missing && word.trim() === '' ? t('label.missing') : undefined}
            onChange={(event) => setWord(event.target.value)}
          />
          {labels.error ? <Trouble error={labels.error} /> : null}
          <p>
            <Button type="submit" variant="secondary" loading={labels.isPending}>
              {t('label.add')}
            </Button>
          </p>
        </Form>
      </Details.Content>
    </Details>
  );
}
