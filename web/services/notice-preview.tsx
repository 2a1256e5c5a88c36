import { Field, Fieldset, Label, Radio, Select } from '@digdir/designsystemet-react';
import { useId, useState } from 'react';
import { type NoticeStep, noticeSteps, useNoticePreview } from '../api/services.ts';
import { type Language, languages, useText } from '../ui/language.ts';
import { Trouble, Waiting } from '../ui/states.tsx';

interface Props {
  readonly party: string;
  readonly service: string;
  /** Where all that may be told is looked through, and not what one letter begins with. */
  readonly choosesStep?: boolean;
  readonly dueAt?: string | undefined;
}

/** Of post to a person nobody grants access, for an attachment neither, and nobody leads. */
const ofOrganizations: readonly NoticeStep[] = ['attachment-unlocked', 'attachment-reminder', 'sealed', 'key-roles'];

/** What those who are told read: e-mail and SMS, in each language, worded by the server as it words what it sends. */
export function NoticePreview({ party, service, choosesStep = false, dueAt }: Props) {
  const { t, language } = useText();
  const id = useId();
  const [recipient, setRecipient] = useState<'organization' | 'person'>('organization');
  const [chosen, setStep] = useState<NoticeStep>('new-mail');
  const [wanted, setWanted] = useState<Language | null>(null);
  const steps = noticeSteps.filter((each) => recipient === 'organization' || !ofOrganizations.includes(each));
  const step = steps.find((each) => each === chosen) ?? 'new-mail';
  const spoken = wanted ?? language;
  const preview = useNoticePreview(party, { resource: service, step, recipient, language: spoken, ...(dueAt ? { dueAt } : {}) });
  const [email, sms] = (['email', 'sms'] as const).map((channel) => preview.data?.notices.find((each) => each.channel === channel));
  return (
    <div className="stack">
      <div className="row row-end">
        {choosesStep ? (
          <Field>
            <Label>{t('notice.step')}</Label>
            <Select value={step} onChange={(event) => setStep(event.target.value as NoticeStep)}>
              {steps.map((each) => (
                <Select.Option key={each} value={each}>
                  {t(`notice.step.${each}`)}
                </Select.Option>
              ))}
            </Select>
          </Field>
        ) : null}
        <Field>
          <Label>{t('notice.language')}</Label>
          <Select value={spoken} onChange={(event) => setWanted(event.target.value as Language)}>
            {languages.map((each) => (
              <Select.Option key={each} value={each}>
                {t(`notice.language.${each}`)}
              </Select.Option>
            ))}
          </Select>
        </Field>
      </div>
      <Fieldset>
        <Fieldset.Legend>{t('notice.to')}</Fieldset.Legend>
        {(['organization', 'person'] as const).map((each) => (
          <Radio
            key={each}
            name={`${id}-to`}
            value={each}
            label={t(`notice.to.${each}`)}
            checked={recipient === each}
            onChange={() => setRecipient(each)}
          />
        ))}
      </Fieldset>
      {preview.error ? <Trouble error={preview.error} again={() => void preview.refetch()} /> : null}
      {preview.isLoading ? <Waiting /> : null}
      {email && sms ? (
        <div className="steps" aria-live="polite">
          <figure className="sheet stack-tight notice">
            <figcaption>{t('notice.email')}</figcaption>
            <p lang={spoken} className="wrap">
              <strong>{email.subject}</strong>
            </p>
            <p lang={spoken} className="wrap notice-body">
              {email.body}
            </p>
          </figure>
          <figure className="sheet stack-tight notice">
            <figcaption>{t('notice.sms', { count: sms.body.length })}</figcaption>
            <p lang={spoken} className="wrap notice-body">
              {sms.body}
            </p>
          </figure>
        </div>
      ) : null}
      <p className="quiet">{t('notice.example')}</p>
    </div>
  );
}
