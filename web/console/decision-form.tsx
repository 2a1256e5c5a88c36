import { Button, Details, Field, Label, Select, Textfield } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { type Decision, useDecide } from '../api/sent.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useDraft } from '../ui/draft.ts';
import { useText } from '../ui/language.ts';
import { Trouble } from '../ui/states.tsx';

const decisions = ['recall', 'accept-as-unread'] as const;

/** The sender decides about what nobody has opened, with a name and a reason that are kept. */
export function DecisionForm({ id }: { readonly id: string }) {
  const { t } = useText();
  const decide = useDecide(id);
  const [draft, change, clear] = useDraft<Decision>(`decision.${id}`, { decision: 'recall', name: '', reason: '' });
  const [tried, setTried] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    const [name, reason] = [draft.name.trim(), draft.reason.trim()];
    if (!name || !reason) return;
    afterwards(decide.mutateAsync({ decision: draft.decision, name, reason }), () => {
      clear();
      announce(t('decision.done'));
    });
  };
  return (
    <Details defaultOpen={draft.name !== '' || draft.reason !== ''}>
      <Details.Summary>{t('decision.title')}</Details.Summary>
      <Details.Content>
        <form className="stack" onSubmit={submit} noValidate>
          <p>{t('decision.meaning')}</p>
          <Field>
            <Label>{t('decision.what')}</Label>
            <Select
              value={draft.decision}
              onChange={(event) => change({ decision: decisions.find((each) => each === event.target.value) ?? 'recall' })}
            >
              {decisions.map((each) => (
                <Select.Option key={each} value={each}>
                  {t(`decision.${each}`)}
                </Select.Option>
              ))}
            </Select>
          </Field>
          <Textfield
            label={t('decision.name')}
            maxLength={200}
            value={draft.name}
            error={tried && !draft.name.trim() ? t('decision.nameMissing') : undefined}
            onChange={(event) => change({ name: event.target.value })}
          />
          <Textfield
            multiline
            rows={3}
            label={t('decision.reason')}
            maxLength={2000}
            value={draft.reason}
            error={tried && !draft.reason.trim() ? t('decision.reasonMissing') : undefined}
            onChange={(event) => change({ reason: event.target.value })}
          />
          {decide.error ? <Trouble error={decide.error} /> : null}
          <p>
            <Button type="submit" variant="secondary" loading={decide.isPending}>
              {t('decision.button')}
            </Button>
          </p>
        </form>
      </Details.Content>
    </Details>
  );
}
