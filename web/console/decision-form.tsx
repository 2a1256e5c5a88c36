import { Button, Fieldset, Radio, Textfield, ValidationMessage } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { type Decidable, type Decision, type DecisionAnswers, useDecide } from '../api/decide.ts';
import { useOrganizationName } from '../api/names.ts';
import { useSession } from '../api/session.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { BoundedField, holdsTooMuch } from '../ui/bounded-field.tsx';
import { useDraft } from '../ui/draft.ts';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { RefusalWords, Trouble } from '../ui/states.tsx';

interface Props {
  readonly party: string;
  readonly items: readonly Decidable[];
  /** What can be decided about all of them. */
  readonly allowed: readonly Decision[];
  /** By this the draft is known. */
  readonly name: string;
  /** What taking it back means, where nothing has come to its recipient yet. */
  readonly meansOfRecall?: string;
  readonly done?: (answers: DecisionAnswers) => void;
  /** What is asked and what each way means, where it is not about messages. */
  readonly words?:
    | undefined
    | { readonly what: string; readonly of: (decision: Decision) => { readonly label: string; readonly means: string } };
  /** Some have been opened, and wait for a confirmation or an attachment that does not come: nothing can be said of their staying unread. */
  readonly isOpened?: boolean;
}

const empty = { decision: '', reason: '', source: '', to: '' };

/** The sender decides what becomes of unread post: what each way means, why it is chosen, and that there is no way back, before the button. */
export function DecisionForm({ party, items, allowed, name, meansOfRecall, done, words, isOpened }: Props) {
  const { t } = useText();
  const session = useSession();
  const decide = useDecide(party, items);
  const [draft, change, clear] = useDraft(`decide.${name}`, empty);
  const [tried, setTried] = useState(false);
  const count = items.length;
  const chosen = allowed.find((each) => each === draft.decision);
  const mayRename = chosen === 'resend' && count === 1;
  const [reason, source, to] = [draft.reason.trim(), draft.source.trim(), draft.to.replace(/\s/g, '')];
  // A number that is typed wrong shows by its name; nobody is named by the number of a person.
  const named = useOrganizationName(party, mayRename ? to : '');
  const wrong = {
    decision: chosen === undefined,
    reason: reason === '',
    source: chosen === 'read-elsewhere' && source === '',
    to: mayRename && to !== '' && !/^(\d{9}|\d{11})$/.test(to),
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (holdsTooMuch(event)) return;
    setTried(true);
    if (!chosen || Object.values(wrong).some(Boolean)) return;
    const wish = {
      ...{ decision: chosen, name: session.data?.person.name ?? '', reason },
      ...(chosen === 'read-elsewhere' ? { source } : {}),
      ...(mayRename && to ? { to } : {}),
    };
    afterwards(decide.mutateAsync(wish), (answers) => {
      if (answers.decided > 0) announce(t('decide.done', { count: answers.decided }));
      if (answers.decided === count) clear();
      setTried(false);
      done?.(answers);
    });
  };
  const meansOf = (each: Decision): string => {
    if (each === 'recall' && meansOfRecall) return meansOfRecall;
    if (isOpened) return t('decide.openedMeans');
    return words?.of(each).means ?? t(`decide.means.${each}`);
  };
  return (
    <Form className="stack" onSubmit={submit}>
      <Fieldset>
        <Fieldset.Legend>{words?.what ?? t('decide.what', { count })}</Fieldset.Legend>
        {allowed.map((each, index) => (
          <Radio
            key={each}
            name={`decision-${name}`}
            value={each}
            label={isOpened ? t('decide.opened') : (words?.of(each).label ?? t(`decision.${each}`))}
            description={meansOf(each)}
            checked={chosen === each}
            aria-invalid={tried && wrong.decision && index === 0 ? true : undefined}
            onChange={() => change({ decision: each })}
          />
        ))}
        {tried && wrong.decision ? <ValidationMessage>{t('decide.choose')}</ValidationMessage> : null}
      </Fieldset>
      {chosen === 'read-elsewhere' ? (
        <BoundedField
          label={t('decide.source')}
          description={t('decide.sourceHelp')}
          longest={500}
          value={draft.source}
          error={tried && wrong.source ? t('decide.sourceMissing') : undefined}
          onChange={(event) => change({ source: event.target.value })}
        />
      ) : null}
      {mayRename ? (
        <Textfield
          label={t('decide.to')}
          description={t('decide.toHelp')}
          inputMode="numeric"
          autoComplete="off"
          maxLength={14}
          value={draft.to}
          error={tried && wrong.to ? t('decide.toWrong') : undefined}
          onChange={(event) => change({ to: event.target.value })}
        />
      ) : null}
      {mayRename ? <p role="status">{plainly(named.data ?? '', 80)}</p> : null}
      <BoundedField
        label={t('decide.reason')}
        description={t('decide.reasonHelp')}
        multiline
        rows={2}
        longest={1000}
        value={draft.reason}
        error={tried && wrong.reason ? t('decide.reasonMissing') : undefined}
        onChange={(event) => change({ reason: event.target.value })}
      />
      <p>
        <strong>{t('decide.noWayBack')}</strong> {t('decide.signed', { name: plainly(session.data?.person.name ?? '', 80) })}
      </p>
      {decide.error ? <Trouble error={decide.error} /> : null}
      {decide.data ? <Left answers={decide.data} /> : null}
      <p>
        <Button type="submit" loading={decide.isPending}>
          {chosen ? (isOpened ? t('decide.openedButton') : t(`decide.button.${chosen}`, { count })) : t('decide.button')}
        </Button>
      </p>
    </Form>
  );
}

/** Of several, those that were not decided, and why: each reason once. */
function Left({ answers }: { readonly answers: DecisionAnswers }) {
  const { t } = useText();
  const reasons = new Map<string, { readonly text: string; readonly count: number }>();
  for (const { error } of answers.answers)
    if (error) reasons.set(error.code, { text: error.text, count: (reasons.get(error.code)?.count ?? 0) + 1 });
  if (reasons.size === 0) return null;
  return (
    <div role="alert">
      <p>{t('decide.left', { count: answers.answers.length - answers.decided })}</p>
      <ul>
        {[...reasons].map(([code, { text, count }]) => (
          <li key={code}>
            {count} ×{' '}
            <RefusalWords row={code}>
              <span lang="en">{text}</span>
            </RefusalWords>
          </li>
        ))}
      </ul>
    </div>
  );
}
