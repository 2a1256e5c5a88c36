import { Button, Checkbox, Details, Fieldset, Textfield } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { type Ladder, type Limits, type TurnsTo, turnsTo, useChooseLadder } from '../api/services.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { Trouble } from '../ui/states.tsx';
import { useLadderName } from './ladder-name.ts';

interface Props {
  readonly party: string;
  readonly service: string;
  readonly climbed: { readonly ladder: string; readonly limits: Limits | null };
  readonly ladders: readonly Ladder[];
}

const nothing: Limits = { ladders: [], own: false, mostSteps: 0, turnsTo: [], notBefore: null, within: null };
const daysOf = (duration: string | null): string => /^P(\d+)D$/.exec(duration ?? '')?.[1] ?? '';
const durationOf = (days: string): string | null => (/^\d{1,3}$/.test(days) ? `P${Number(days)}D` : null);

/** What a sender may choose for one message, and no more: other ladders, or steps of its own within bounds. */
export function LimitsForm({ party, service, climbed, ladders }: Props) {
  const { t } = useText();
  const named = useLadderName();
  const choose = useChooseLadder(party, service);
  const [limits, setLimits] = useState<Limits>(climbed.limits ?? nothing);
  const [notBefore, setNotBefore] = useState(daysOf(limits.notBefore));
  const [within, setWithin] = useState(daysOf(limits.within));
  const usable = ladders.filter(({ id, kind }) => kind !== 'draft' && id !== climbed.ladder);
  const toggled = <T extends string>(all: readonly T[], one: T, on: boolean): readonly T[] =>
    on ? [...all, one] : all.filter((each) => each !== one);
  const edit = (part: Partial<Limits>): void => setLimits((before) => ({ ...before, ...part }));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const bounded = { ...limits, notBefore: durationOf(notBefore), within: durationOf(within) };
    const isNothing = bounded.ladders.length === 0 && !bounded.own;
    afterwards(choose.mutateAsync({ ladder: climbed.ladder, limits: isNothing ? null : bounded }), () => announce(t('limits.saved')));
  };
  return (
    <Details>
      <Details.Summary>{t('limits.title')}</Details.Summary>
      <Details.Content>
        <Form className="stack" onSubmit={submit}>
          <p>{climbed.limits === null ? t('limits.none') : t('limits.some')}</p>
          {usable.length > 0 ? (
            <Fieldset>
              <Fieldset.Legend>{t('limits.ladders')}</Fieldset.Legend>
              {usable.map(({ id }) => (
                <Checkbox
                  key={id}
                  label={named({ id })}
                  checked={limits.ladders.includes(id)}
                  onChange={(event) => edit({ ladders: toggled(limits.ladders, id, event.target.checked) })}
                />
              ))}
            </Fieldset>
          ) : null}
          <Checkbox
            label={t('limits.own')}
            checked={limits.own}
            onChange={(event) => edit({ own: event.target.checked, mostSteps: event.target.checked ? limits.mostSteps || 5 : 0 })}
          />
          {limits.own ? (
            <>
              <Textfield
                label={t('limits.mostSteps')}
                type="number"
                min={1}
                max={20}
                value={String(limits.mostSteps)}
                onChange={(event) => edit({ mostSteps: Math.max(0, Math.min(20, Math.round(Number(event.target.value)))) })}
              />
              <Fieldset>
                <Fieldset.Legend>{t('limits.turnsTo')}</Fieldset.Legend>
                {turnsTo.map((who: TurnsTo) => (
                  <Checkbox
                    key={who}
                    label={t(`ladder.who.${who}`)}
                    checked={limits.turnsTo.includes(who)}
                    onChange={(event) => edit({ turnsTo: toggled(limits.turnsTo, who, event.target.checked) })}
                  />
                ))}
              </Fieldset>
              <div className="row row-end">
                <Textfield
                  label={t('limits.notBefore')}
                  inputMode="numeric"
                  maxLength={3}
                  value={notBefore}
                  onChange={(event) => setNotBefore(event.target.value)}
                />
                <Textfield
                  label={t('limits.within')}
                  inputMode="numeric"
                  maxLength={3}
                  value={within}
                  onChange={(event) => setWithin(event.target.value)}
                />
              </div>
            </>
          ) : null}
          {choose.error ? <Trouble error={choose.error} /> : null}
          <p>
            <Button type="submit" variant="secondary" loading={choose.isPending}>
              {t('limits.save')}
            </Button>
          </p>
        </Form>
      </Details.Content>
    </Details>
  );
}
