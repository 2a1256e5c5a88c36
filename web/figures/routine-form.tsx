import { Button, Checkbox, Field, Fieldset, Heading, Label, Radio, Select, ValidationMessage } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { Refusal } from '../api/ask.ts';
import { type Routine, sendings, useSetRoutine } from '../api/figures.ts';
import { readRecipients } from '../console/recipients.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { BoundedField, holdsTooMuch } from '../ui/bounded-field.tsx';
import { weekdayName } from '../ui/dates.ts';
import { useDraft } from '../ui/draft.ts';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { Trouble } from '../ui/states.tsx';

const mostAddresses = 10;
const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;
const hours = Array.from({ length: 24 }, (_, hour) => hour);
const mostRecipients = 100;
const addressNotValid = 'BUD-09721';
const recipientNotKnown = 'BUD-09731';

interface Draft {
  readonly days: readonly number[];
  readonly hour: number;
  readonly addresses: string;
  readonly recipients: string;
  readonly sendAs: (typeof sendings)[number];
  readonly sendEmpty: boolean;
  readonly isOn: boolean;
}

const nothing: Partial<Draft> = {};
const usual: Draft = { days: [1], hour: 8, addresses: '', recipients: '', sendAs: 'link', sendEmpty: false, isOn: true };

/** What is set elsewhere, of causes and services, stays as it is. What is typed is kept until it is saved. */
export function RoutineForm({ party, routine }: { readonly party: string; readonly routine: Routine | null }) {
  const { t, language } = useText();
  const set = useSetRoutine(party);
  const [changed, change, clear] = useDraft<Partial<Draft>>(`routine.${party}`, nothing);
  const draft: Draft = { ...(routine ? draftOf(routine) : usual), ...changed };
  const [tried, setTried] = useState(false);
  const addresses = draft.addresses.split(/[\s,;]+/).filter((each) => each !== '');
  const odd = addresses.find((each) => !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(each));
  const recipients = readRecipients(draft.recipients);
  const wrong = {
    days: draft.days.length === 0,
    addresses: addresses.length === 0 || odd !== undefined || addresses.length > mostAddresses,
    recipients: recipients.odd.length > 0 || recipients.numbers.length > mostRecipients,
  };
  const isOf = (row: string): boolean => set.error instanceof Refusal && set.error.row === row;
  const dayName = (day: number): string => weekdayName(language, day % 7);
  const addressProblem = (): string | undefined => {
    if (isOf(addressNotValid)) return t('routine.notValid');
    if (!tried || !wrong.addresses) return undefined;
    if (odd) return t('routine.odd', { address: odd.slice(0, 80) });
    return addresses.length === 0 ? t('routine.addressMissing') : t('routine.tooMany', { most: mostAddresses });
  };
  const recipientProblem = (): string | undefined => {
    if (isOf(recipientNotKnown)) return t('routine.recipientUnknown');
    if (!tried || !wrong.recipients) return undefined;
    const [number] = recipients.odd;
    return number === undefined
      ? t('routine.tooManyRecipients', { most: mostRecipients })
      : t('routine.oddRecipient', { number: number.slice(0, 40) });
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (holdsTooMuch(event)) return;
    setTried(true);
    if (wrong.days || wrong.addresses || wrong.recipients) return;
    const { causes, resources, olderThan } = routine ?? { causes: [], resources: [], olderThan: null };
    const { days, hour, sendAs, sendEmpty, isOn } = draft;
    const settings = { days, hour, sendAs, sendEmpty, isOn, causes, resources, olderThan, recipients: recipients.numbers, addresses };
    afterwards(set.mutateAsync(settings), () => {
      clear();
      setTried(false);
      announce(t('routine.saved'));
    });
  };
  return (
    <Form className="stack" onSubmit={submit}>
      <Heading level={2} data-size="xs">
        {t('routine.when')}
      </Heading>
      <Fieldset>
        <Fieldset.Legend>{t('routine.days')}</Fieldset.Legend>
        {weekdays.map((day, index) => (
          <Checkbox
            key={day}
            label={dayName(day)}
            checked={draft.days.includes(day)}
            aria-invalid={tried && wrong.days && index === 0 ? true : undefined}
            onChange={(event) =>
              change({ days: event.target.checked ? [...draft.days, day].sort() : draft.days.filter((each) => each !== day) })
            }
          />
        ))}
        {tried && wrong.days ? <ValidationMessage>{t('routine.dayMissing')}</ValidationMessage> : null}
      </Fieldset>
      <Field>
        <Label>{t('routine.hour')}</Label>
        <Select value={String(draft.hour)} onChange={(event) => change({ hour: Number(event.target.value) })}>
          {hours.map((hour) => (
            <Select.Option key={hour} value={String(hour)}>
              {String(hour).padStart(2, '0')}:00
            </Select.Option>
          ))}
        </Select>
      </Field>
      <BoundedField
        label={t('routine.addresses')}
        description={t('routine.addressesHelp')}
        multiline
        rows={3}
        longest={3000}
        autoComplete="off"
        value={draft.addresses}
        error={addressProblem()}
        onChange={(event) => {
          set.reset();
          change({ addresses: event.target.value });
        }}
      />
      <BoundedField
        label={t('routine.recipients')}
        description={t('routine.recipientsHelp', { most: mostRecipients })}
        multiline
        rows={3}
        longest={2000}
        autoComplete="off"
        value={draft.recipients}
        error={recipientProblem()}
        onChange={(event) => {
          set.reset();
          change({ recipients: event.target.value });
        }}
      />
      <Fieldset>
        <Fieldset.Legend>{t('routine.how')}</Fieldset.Legend>
        {sendings.map((each) => (
          <Radio
            key={each}
            name="send-as"
            value={each}
            label={t(`routine.how.${each}`)}
            description={t(`routine.howHelp.${each}`)}
            checked={draft.sendAs === each}
            onChange={() => change({ sendAs: each })}
          />
        ))}
      </Fieldset>
      <Checkbox
        label={t('routine.sendEmpty')}
        description={t('routine.sendEmptyHelp')}
        checked={draft.sendEmpty}
        onChange={(event) => change({ sendEmpty: event.target.checked })}
      />
      <Checkbox label={t('routine.isOn')} checked={draft.isOn} onChange={(event) => change({ isOn: event.target.checked })} />
      {set.error && !isOf(addressNotValid) && !isOf(recipientNotKnown) ? <Trouble error={set.error} /> : null}
      <p>
        <Button type="submit" loading={set.isPending}>
          {t('routine.save')}
        </Button>
      </p>
    </Form>
  );
}

function draftOf({ days, hour, addresses, recipients, sendAs, sendEmpty, isOn }: Routine): Draft {
  const lines = { addresses: addresses.map(({ email }) => email).join('\n'), recipients: recipients.join('\n') };
  return { days, hour, ...lines, sendAs, sendEmpty, isOn };
}
