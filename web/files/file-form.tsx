import { Button, Field, Heading, Label, Select, ValidationMessage } from '@digdir/designsystemet-react';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useRef, useState } from 'react';
import { type FileService, useAnnounceFile } from '../api/files.ts';
import { mostRecipients, useReach } from '../api/send.ts';
import { timeNow } from '../api/time.ts';
import { readRecipients } from '../console/recipients.ts';
import { afterwards } from '../ui/afterwards.ts';
import { BoundedField, holdsTooMuch } from '../ui/bounded-field.tsx';
import { chosenOf } from '../ui/chosen-of.ts';
import { useDates, useSize } from '../ui/dates.ts';
import { useDraft } from '../ui/draft.ts';
import { useFocusOnAnswer } from '../ui/focus-on-answer.ts';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { isPressed } from '../ui/pressed-button.ts';
import { Trouble } from '../ui/states.tsx';
import { FileField } from './file-field.tsx';
import { mostHashedBytes, sha256Of } from './sha256.ts';
import { startUpload } from './upload.ts';
import { useLeaving } from './use-leaving.ts';
import { WhoCanFetch } from './who-can-fetch.tsx';

interface Props {
  readonly party: string;
  readonly number: string;
  readonly services: readonly FileService[];
}

const empty = { service: '', recipients: '', reference: '' };

/** First which file and to whom; then who can fetch it there; then it is announced, and its bytes go by the transfer's own page. */
export function FileForm({ party, number, services }: Props) {
  const { t, language } = useText();
  const { day } = useDates();
  const size = useSize();
  const navigate = useNavigate();
  const [draft, change, clear] = useDraft(`file.${party}`, empty);
  const [file, setFile] = useState<File | null>(null);
  const [tried, setTried] = useState(false);
  const [hashed, setHashed] = useState<number | null>(null);
  const [unreadable, setUnreadable] = useState(false);
  const reach = useReach(party);
  const announce = useAnnounceFile(party);
  const sending = useRef(false);
  const leaving = useLeaving();
  const service = chosenOf(services, draft.service);
  const { numbers, odd } = readRecipients(draft.recipients);
  const strange = [...odd, ...numbers.filter((each) => each.length !== 9)];
  const wrong = {
    service: service === undefined,
    recipients: numbers.length === 0 || strange.length > 0 || numbers.length > mostRecipients,
    file: file === null || file.size === 0 || (service !== undefined && file.size > service.mostBytes),
  };
  const asked = `${service?.id} ${numbers.join(' ')}`;
  const [foundFor, setFoundFor] = useState('');
  const answer = useFocusOnAnswer<HTMLHeadingElement>();
  const reached = foundFor === asked ? reach.data : undefined;
  const going = reached?.filter(({ reach: found }) => found !== null).map((one) => one.number) ?? [];
  const edit = (part: Partial<typeof empty>): void => {
    announce.reset();
    change(part);
  };
  const choose = (chosen: File): void => {
    announce.reset();
    setUnreadable(false);
    setFile(chosen);
  };
  const go = async (to: FileService, what: File): Promise<void> => {
    let sha256: string | undefined;
    setUnreadable(false);
    try {
      if (what.size <= mostHashedBytes) sha256 = await sha256Of(what, setHashed, leaving());
    } catch {
      setUnreadable(true);
      return;
    } finally {
      setHashed(null);
    }
    const reference = draft.reference.trim() || undefined;
    afterwards(
      announce.mutateAsync({ service: to.id, sender: number, recipients: going, fileName: what.name.slice(-255), reference, sha256 }),
      ({ fileTransferId: id }) => {
        clear();
        startUpload(id, what, party, false);
        if (!leaving().aborted) void navigate({ to: '/console/files/$id', params: { id }, search: { party } });
      },
    );
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (holdsTooMuch(event)) return;
    setTried(true);
    if (!service || !file || Object.values(wrong).some(Boolean) || sending.current || reach.isPending) return;
    // Enter in a field presses the first button of a form: nothing is sent but by the button that says so.
    if (!reached || !isPressed(event, 'send')) {
      afterwards(reach.mutateAsync({ resource: service.id, numbers }), () => {
        setFoundFor(asked);
        answer.come();
      });
      return;
    }
    if (going.length === 0) return;
    sending.current = true;
    void go(service, file).finally(() => {
      sending.current = false;
    });
  };
  const recipientsProblem = (): string | undefined => {
    if (!tried || !wrong.recipients) return undefined;
    if (strange.length > 0) return t('files.odd', { what: plainly(strange.slice(0, 5).join(', '), 120) });
    return numbers.length === 0 ? t('files.toMissing') : t('files.tooMany', { most: mostRecipients });
  };
  const fileProblem = (): string | undefined => {
    if (unreadable) return t('file.unreadable');
    if (!tried || !wrong.file) return undefined;
    if (file === null) return t('file.missing');
    return file.size === 0 ? t('file.empty') : t('file.tooLarge', { most: size(service?.mostBytes ?? 0) });
  };
  return (
    <Form className="stack" onSubmit={submit}>
      {services.length > 1 ? (
        <Field>
          <Label>{t('files.service')}</Label>
          <Select
            value={draft.service}
            aria-invalid={tried && wrong.service ? true : undefined}
            onChange={(event) => edit({ service: event.target.value })}
          >
            <Select.Option value="">{t('files.chooseService')}</Select.Option>
            {services.map(({ id, title }) => (
              <Select.Option key={id} value={id}>
                {plainly(title[language], 100)}
              </Select.Option>
            ))}
          </Select>
          {tried && wrong.service ? <ValidationMessage>{t('files.serviceMissing')}</ValidationMessage> : null}
        </Field>
      ) : null}
      {service ? (
        <p className="quiet">
          {services.length === 1 ? `${plainly(service.title[language], 100)}. ` : ''}
          {t('files.limits', { most: size(service.mostBytes), until: day(new Date(timeNow() + service.days * 86_400_000).toISOString()) })}
        </p>
      ) : null}
      <FileField label={t('file.choose')} file={file} problem={fileProblem()} choose={choose} />
      <BoundedField
        label={t('files.to')}
        description={t('files.recipientsHelp')}
        multiline
        rows={3}
        longest={20_000}
        autoComplete="off"
        value={draft.recipients}
        error={recipientsProblem()}
        onChange={(event) => edit({ recipients: event.target.value })}
      />
      <BoundedField
        label={t('files.yourReference')}
        longest={200}
        value={draft.reference}
        onChange={(event) => edit({ reference: event.target.value })}
      />
      <p>
        <Button type="submit" variant={reached ? 'secondary' : 'primary'} loading={reach.isPending}>
          {t('files.check')}
        </Button>
      </p>
      {reach.error && !reached ? <Trouble error={reach.error} /> : null}
      {reached ? (
        <div className="stack">
          <Heading level={2} data-size="xs" ref={answer.place} tabIndex={-1}>
            {t('files.reach')}
          </Heading>
          <WhoCanFetch reached={reached} />
          <p>{going.length === 0 ? t('files.toNobody') : t('files.ready')}</p>
        </div>
      ) : null}
      {announce.error ? <Trouble error={announce.error} /> : null}
      {hashed === null ? null : (
        <p role="status">
          {t('file.hashing')} <progress aria-label={t('file.hashing')} value={hashed} max={1} />
        </p>
      )}
      {reached ? (
        <p>
          <Button type="submit" value="send" loading={announce.isPending || hashed !== null} disabled={going.length === 0}>
            {t('files.send', { count: going.length })}
          </Button>
        </p>
      ) : null}
    </Form>
  );
}
