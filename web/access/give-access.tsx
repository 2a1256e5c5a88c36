import { Button, Field, Label, Select, Textfield, ValidationMessage } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import {
  longestReason,
  partyReference,
  personReference,
  type SealedGift,
  useGiveAccess,
  usePeopleAt,
  useTakeAccess,
  useUnseal,
} from '../api/access.ts';
import { useSession } from '../api/session.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { BoundedField, holdsTooMuch } from '../ui/bounded-field.tsx';
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
  /** Where it is sealed post that is opened by it: how much of it. */
  readonly gift?: SealedGift | undefined;
  /** All that is opened by it is let lie by its sender: nobody is notified of it. */
  readonly isLetLie?: boolean;
}

const another = 'another';
const empty = { to: '', number: '', lastName: '', until: '', reason: '' };

/** One step from a sealed envelope to somebody who can open it: who, perhaps until when and why, and the button. */
export function GiveAccess({ party, right, count, gift, isLetLie = false }: Props) {
  const { t } = useText();
  const ordinary = useGiveAccess();
  const unseal = useUnseal();
  const give = gift ? unseal : ordinary;
  const take = useTakeAccess();
  const self = useSession().data?.person.id;
  const people = usePeopleAt(party.id)?.filter(({ id }) => id !== self);
  const [draft, change, clear] = useDraft(`give.${party.id}.${right.package ?? right.resource}`, empty);
  const [tried, setTried] = useState(false);
  const chosen = draft.to;
  const problems = chosen === another ? personProblems(draft) : [];
  const until = endOfDay(draft.until);
  const noDay = draft.until !== '' && until === null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (holdsTooMuch(event)) return;
    setTried(true);
    if (chosen === '' || problems.length > 0 || noDay) return;
    const to =
      chosen === another
        ? { to: personReference(draft.number.replace(/\s/g, '')), lastName: draft.lastName.trim() }
        : { to: partyReference(chosen) };
    const reason = draft.reason.trim();
    const whom = { ...to, ...(until === null ? {} : { until }), ...(reason ? { reason } : {}) };
    const given = gift
      ? unseal.mutateAsync({ ...gift, ...whom })
      : ordinary.mutateAsync({ at: partyReference(party.id), ...right, ...whom }).then((grant) => [grant]);
    afterwards(given, (grants) => {
      clear();
      setTried(false);
      const name = plainly(grants[0]?.toName ?? '', 80);
      const takeAll = () => Promise.all(grants.map(({ id }) => take.mutateAsync(id)));
      announce(t(isLetLie ? 'give.doneLetLie' : 'give.done', { name }), { run: takeAll, said: t('granted.taken', { name }) });
    });
  };
  return (
    <Form className="stack narrow" onSubmit={submit}>
      {self !== undefined && people !== undefined ? (
        <Field>
          <Label>{t('give.to')}</Label>
          <Select
            value={chosen}
            aria-invalid={tried && chosen === '' ? true : undefined}
            onChange={(event) => change({ to: event.target.value })}
          >
            <Select.Option value="">{t('give.choose')}</Select.Option>
            <Select.Option value={self}>{t('give.self')}</Select.Option>
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
      <BoundedField
        label={t('give.reason')}
        description={t('give.reasonHelp')}
        longest={longestReason}
        value={draft.reason}
        onChange={(event) => change({ reason: event.target.value })}
      />
      <p className="quiet">{gift?.what === 'message' ? t('give.meaningOne') : t('give.meaning', { name: plainly(party.name, 80) })}</p>
      {give.error ? <Trouble error={give.error} /> : null}
      <p>
        <Button type="submit" loading={give.isPending}>
          {t('give.button', { count })}
        </Button>
      </p>
    </Form>
  );
}
