import { Button, Checkbox, Field, Fieldset, Heading, Label, Select, Textfield } from '@digdir/designsystemet-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { causes } from '../api/board-words.ts';
import { type LadderStep, type TurnsTo, turnsTo, useWriteLadder } from '../api/services.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { channelsFor, newStep, readAfter, textsFor, type Unit, writeAfter } from './ladder-steps.ts';
import { LadderTrouble } from './ladder-trouble.tsx';
import { PlannedDays } from './planned-days.tsx';

interface Props {
  readonly party: string;
  readonly from: string;
  /** With an id: a new version of that ladder. Without: a ladder of one's own that begins with these steps. */
  readonly begin: { readonly id: string; readonly steps: readonly LadderStep[] };
  readonly close: () => void;
  readonly saved: (id: string) => void;
}

const mostSteps = 20;

/** A ladder of one's own, step by step, with the days that it comes to before it is stored. */
export function LadderEditor({ party, from, begin, close, saved }: Props) {
  const { t } = useText();
  const heading = useRef<HTMLHeadingElement>(null);
  const [id, setId] = useState(begin.id);
  const [steps, setSteps] = useState<readonly LadderStep[]>(begin.steps);
  const [tried, setTried] = useState(false);
  const write = useWriteLadder(party);
  useEffect(() => heading.current?.focus(), []);
  const wrongId = !/^[a-z0-9][a-z0-9-]{2,63}$/.test(id);
  const edit = (after: readonly LadderStep[]): void => {
    write.reset();
    setSteps(after);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (wrongId || steps.length === 0) return;
    afterwards(write.mutateAsync({ id, steps }), (ladder) => {
      announce(t('ladder.saved', { id: ladder.id, version: ladder.version }));
      saved(ladder.id);
    });
  };
  const add = (): void => {
    const last = steps.at(-1);
    edit([
      ...steps,
      newStep('sender', steps, last ? { after: last.after, ...(last.workingDays ? { workingDays: true } : {}) } : { after: 'P7D' }),
    ]);
  };
  return (
    <Form className="sheet stack" onSubmit={submit} aria-labelledby="editor">
      <Heading level={3} data-size="2xs" id="editor" ref={heading} tabIndex={-1}>
        {begin.id ? t('ladder.editing', { id: begin.id }) : t('ladder.own')}
      </Heading>
      <Textfield
        label={t('ladder.id')}
        description={t('ladder.idHelp')}
        autoComplete="off"
        readOnly={begin.id !== ''}
        value={id}
        error={tried && wrongId ? t('ladder.idWrong') : undefined}
        onChange={(event) => setId(event.target.value)}
      />
      <ol className="plain-list stack">
        {steps.map((step, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step's name follows whom it turns to, and the focus stays where it was
          <li key={i}>
            <StepFields
              number={i + 1}
              step={step}
              others={steps.filter((each) => each !== step)}
              change={(after) => edit(steps.map((each) => (each === step ? after : each)))}
              remove={() => edit(steps.filter((each) => each !== step))}
            />
          </li>
        ))}
      </ol>
      {tried && steps.length === 0 ? <p role="alert">{t('ladder.noSteps')}</p> : null}
      {steps.length < mostSteps ? (
        <p>
          <Button type="button" variant="secondary" onClick={add}>
            {t('ladder.add')}
          </Button>
        </p>
      ) : null}
      <Heading level={4} data-size="2xs">
        {t('ladder.today')}
      </Heading>
      <PlannedDays party={party} from={from} name={t('ladder.daysOfOwn')} of={steps.length > 0 ? { steps } : undefined} />
      {write.error ? <LadderTrouble error={write.error} /> : null}
      <div className="row">
        <Button type="submit" loading={write.isPending}>
          {begin.id ? t('ladder.saveVersion') : t('ladder.save')}
        </Button>
        <Button type="button" variant="secondary" onClick={close}>
          {t('ladder.close')}
        </Button>
      </div>
    </Form>
  );
}

interface StepProps {
  readonly number: number;
  readonly step: LadderStep;
  readonly others: readonly LadderStep[];
  readonly change: (step: LadderStep) => void;
  readonly remove: () => void;
}

function StepFields({ number, step, others, change, remove }: StepProps) {
  const { t } = useText();
  const after = readAfter(step);
  const { workingDays: _, ...bare } = step;
  const setAfter = (amount: number, unit: Unit): void => change({ ...bare, ...writeAfter({ amount, unit }) });
  const setWho = (who: TurnsTo): void => change({ ...newStep(who, others, step), ...(who === step.who ? step : {}) });
  return (
    <Fieldset className="sheet stack-tight">
      <Fieldset.Legend>{t('ladder.step', { number })}</Fieldset.Legend>
      <div className="row row-end">
        <Choice label={t('ladder.column.who')} value={step.who} of={turnsTo} said={(who) => t(`ladder.who.${who}`)} choose={setWho} />
        {after ? (
          <>
            <Textfield
              label={t('ladder.after')}
              type="number"
              min={0}
              max={365}
              value={String(after.amount)}
              onChange={(event) => setAfter(Number(event.target.value), after.unit)}
            />
            <Choice
              label={t('ladder.unit')}
              value={after.unit}
              of={['days', 'working-days', 'hours'] as const}
              said={(unit) => t(`ladder.unit.${unit}`)}
              choose={(unit) => setAfter(after.amount, unit)}
            />
          </>
        ) : (
          <p>{t('ladder.afterAsIs', { after: step.after })}</p>
        )}
        <Choice
          label={t('ladder.column.how')}
          value={step.channel}
          of={channelsFor(step.who)}
          said={(channel) => t(`ladder.channel.${channel}`)}
          choose={(channel) => change({ ...step, channel })}
        />
        {textsFor(step.who).length > 1 ? (
          <Choice
            label={t('ladder.text')}
            value={step.text}
            of={textsFor(step.who)}
            said={(text) => t(`notice.step.${text}` as 'notice.step.reminder')}
            choose={(text) => change({ ...step, text })}
          />
        ) : null}
      </div>
      <details>
        <summary>{step.when.length === 0 ? t('ladder.whenAny') : t('ladder.whenSome', { count: step.when.length })}</summary>
        <Fieldset>
          <Fieldset.Legend className="ds-sr-only">{t('ladder.when', { number })}</Fieldset.Legend>
          {causes
            .filter((cause) => cause !== 'not-published')
            .map((cause) => (
              <Checkbox
                key={cause}
                label={t(`cause.${cause}`, { dueAt: '' }).trim()}
                checked={step.when.includes(cause)}
                onChange={(event) =>
                  change({ ...step, when: event.target.checked ? [...step.when, cause] : step.when.filter((each) => each !== cause) })
                }
              />
            ))}
        </Fieldset>
      </details>
      <p>
        <Button type="button" variant="tertiary" data-size="sm" onClick={remove}>
          {t('ladder.remove', { number })}
        </Button>
      </p>
    </Fieldset>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly of: readonly T[];
  readonly said: (value: T) => string;
  readonly choose: (value: T) => void;
}

function Choice<T extends string>({ label, value, of, said, choose }: ChoiceProps<T>) {
  return (
    <Field>
      <Label>{label}</Label>
      <Select value={value} onChange={(event) => choose(event.target.value as T)}>
        {of.map((each) => (
          <Select.Option key={each} value={each}>
            {said(each)}
          </Select.Option>
        ))}
      </Select>
    </Field>
  );
}
