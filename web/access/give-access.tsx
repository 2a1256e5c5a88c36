import { Button, Field, Label, Select, Textfield, ValidationMessage } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { partyReference, personReference, useConnected, useGiveAccess, useTakeAccess } from '../api/access.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useDraft } from '../ui/draft.ts';
import { endOfDay } from '../ui/end-of-day.ts';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { PersonFields, personProblems } from '../ui/person-fields.tsx';
import { plainly } from '../ui/plainly.ts';
import { Trouble } from '../ui/states.tsx';

interface Props {
  readonly party: { readonly id: string; readonly name: string };
  readonly right: { readonly package?: string; readonly resource?: string };
  readonly count: number;
}

const another = 'another';
const empty = { to: '', number: '', lastName: '', until: '' };

/** One step from a sealed envelope to somebody who can open it: who, perhaps until when, and the button. */
export function GiveAccess({ party, right, count }: Props) {
  const { t } = useText();
  const give = useGiveAccess();
  const take = useTakeAccess();
  const connected = useConnected(party.id);
  const [draft, change, clear] = useDraft(`give.${party.id}.${right.package ?? right.resource}`, empty);
  const [tried, setTried] = useState(false);
  const people = (connected.data?.data ?? []).filter(({ type }) => type === 'Person');
  const chosen = draft.to || (people.length === 0 && !connected.isLoading ? another : '');
  const problems = chosen === another ? personProblems(draft) : [];
  const until = endOfDay(draft.until);
  const noDay = draft.until !== '' && until === null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (chosen === '' || problems.length > 0 || noDay) return;
    const to =
      chosen === another
        ? { to: personReference(draft.number.replace(/\s/g, '')), lastName: draft.lastName.trim() }
        : { to: partyReference(chosen) };
    afterwards(
      give.mutateAsync({ at: partyReference(party.id), ...right, ...to, ...(until === null ? {} : { until }) }),
      ({ id, toName }) => {
        clear();
        setTried(false);
        const name = plainly(toName, 80);
        announce(t('give.done', { name }), { run: () => take.mutateAsync(id), said: t('granted.taken', { name }) });
      },
    );
  };
  return (
    <Form className="stack" onSubmit={submit}>
      {people.length > 0 ? (
        <Field>
          <Label>{t('give.to')}</Label>
          <Select
            value={chosen}
            aria-invalid={tried && chosen === '' ? true : undefined}
            onChange={(event) => change({ to: event.target.value })}
          >
            <Select.Option value="">{t('give.choose')}</Select.Option>
            {people.map(({ id, name }) => (
              <Select.Option key={id} value={id}>
                {plainly(name, 80)}
              </Select.Option>
            ))}
            <Select.Option value={another}>{t('give.another')}</Select.Option>
          </Select>
          {tried && chosen === '' ? <ValidationMessage>{t('give.chooseFirst')}</ValidationMessage> : null}
        </Field>
      ) : null}
      {chosen === another ? <PersonFields values={draft} change={change} problems={tried ? problems : []} /> : null}
      <Textfield
        type="date"
        label={t('give.until')}
        value={draft.until}
        error={tried && noDay ? t('field.dateWrong') : undefined}
        onChange={(event) => change({ until: event.target.value })}
      />
      <p className="quiet">{t('give.meaning', { name: plainly(party.name, 80) })}</p>
      {give.error ? <Trouble error={give.error} /> : null}
      <p>
        <Button type="submit" loading={give.isPending}>
          {t('give.button', { count })}
        </Button>
      </p>
    </Form>
  );
}
