import { Button, Details, Textfield } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { longestReason, useTakeAccess } from '../api/access.ts';
import { type OneItem, useShare } from '../api/inbox.ts';
import { announce } from '../ui/announce.tsx';
import { BoundedField, holdsTooMuch } from '../ui/bounded-field.tsx';
import { useDraft } from '../ui/draft.ts';
import { endOfDay } from '../ui/end-of-day.ts';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { PersonFields, type PersonInput, personProblems } from '../ui/person-fields.tsx';
import { plainly } from '../ui/plainly.ts';
import { Trouble } from '../ui/states.tsx';
import { useIsToPerson } from './addressed.ts';
import { SharedWith } from './shared-with.tsx';

const empty = { number: '', lastName: '', until: '', reason: '' };

/** Sharing, or, for one who may not, whom to ask. */
export function Share({ item }: { readonly item: OneItem }) {
  const { t } = useText();
  if (item.mayShare) return <ShareForm item={item} />;
  const name = plainly(item.recipient.name, 80);
  const names = item.askToShare.map((each) => plainly(each, 80)).join(', ');
  return (
    <Details>
      <Details.Summary>{t('share.title')}</Details.Summary>
      <Details.Content>
        <p className="wrap">{names ? t('share.ask', { name, names }) : t('share.askNobody', { name })}</p>
      </Details.Content>
    </Details>
  );
}

/** Lets a colleague, or, of a person's own post, whom they like, read this one message and nothing else. */
function ShareForm({ item }: { readonly item: OneItem }) {
  const { t } = useText();
  const share = useShare(item.id);
  const isToPerson = useIsToPerson(item);
  const [draft, change, clear] = useDraft<PersonInput & { until: string; reason: string }>(`share.${item.id}`, empty);
  const take = useTakeAccess();
  const begun = draft.number !== '' || draft.lastName !== '';
  const [asked, setAsked] = useState(begun);
  const [tried, setTried] = useState(false);
  const until = endOfDay(draft.until);
  const noDay = draft.until !== '' && until === null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (holdsTooMuch(event)) return;
    setTried(true);
    if (personProblems(draft).length > 0 || noDay) return;
    const body = {
      nationalIdentityNumber: draft.number.replace(/\s/g, ''),
      lastName: draft.lastName.trim(),
      ...(until === null ? {} : { until }),
      ...(draft.reason.trim() ? { reason: draft.reason.trim() } : {}),
    };
    const done = ({ id, toName }: { readonly id: string; readonly toName: string }): void => {
      const name = plainly(toName, 80);
      clear();
      setTried(false);
      announce(t('share.done', { name }), { run: () => take.mutateAsync(id), said: t('share.undone', { name }) });
    };
    share.mutate(body, { onSuccess: done });
  };
  return (
    <Details defaultOpen={begun} onToggle={() => setAsked(true)}>
      <Details.Summary>{t(isToPerson ? 'share.titleYou' : 'share.title')}</Details.Summary>
      <Details.Content>
        <Form className="stack" onSubmit={submit}>
          <SharedWith item={item} asked={asked} />
          <p>{t(isToPerson ? 'share.meaningYou' : 'share.meaning')}</p>
          <PersonFields values={draft} change={change} problems={tried ? personProblems(draft) : []} />
          <Textfield
            type="date"
            label={t('share.until')}
            value={draft.until}
            error={tried && noDay ? t('field.dateWrong') : undefined}
            onChange={(event) => change({ until: event.target.value })}
          />
          <BoundedField
            label={t('share.reason')}
            longest={longestReason}
            value={draft.reason}
            onChange={(event) => change({ reason: event.target.value })}
          />
          {share.error ? <Trouble error={share.error} /> : null}
          <p>
            <Button type="submit" variant="secondary" loading={share.isPending}>
              {t('share.button')}
            </Button>
          </p>
        </Form>
      </Details.Content>
    </Details>
  );
}
