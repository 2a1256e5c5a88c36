import { Button, Details } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { type OneItem, useLabels } from '../api/inbox.ts';
import { BoundedField, holdsTooMuch } from '../ui/bounded-field.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Trouble } from '../ui/states.tsx';

const longestLabel = 40;

/** Words of one's own on a letter, for finding it again; shared by those who act for the same party. */
export function LabelForm({ item }: { readonly item: OneItem }) {
  const { t } = useText();
  const labels = useLabels(item.id);
  const [word, setWord] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (holdsTooMuch(event)) return;
    const add = word.trim();
    if (add) labels.mutate({ add: [add] }, { onSuccess: () => setWord('') });
  };
  return (
    <Details>
      <Details.Summary>{t('label.title')}</Details.Summary>
      <Details.Content>
        <form className="stack" onSubmit={submit}>
          {item.labels.length > 0 ? (
            <ul className="plain-list row">
              {item.labels.map((label) => (
                <li key={label}>
                  <Button type="button" variant="secondary" data-size="sm" onClick={() => labels.mutate({ remove: [label] })}>
                    {t('label.remove', { label: plainly(label, longestLabel) })}
                  </Button>
                </li>
              ))}
            </ul>
          ) : null}
          <BoundedField
            label={t('label.new')}
            description={t('label.help')}
            longest={longestLabel}
            value={word}
            onChange={(event) => setWord(event.target.value)}
          />
          {labels.error ? <Trouble error={labels.error} /> : null}
          <p>
            <Button type="submit" variant="secondary" loading={labels.isPending}>
              {t('label.add')}
            </Button>
          </p>
        </form>
      </Details.Content>
    </Details>
  );
}
