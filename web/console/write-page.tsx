import { Button, Heading } from '@digdir/designsystemet-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { mostRecipients, type Service, useReach, useSend, useServices } from '../api/send.ts';
import { NoticePreview } from '../services/notice-preview.tsx';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { BoundedField, holdsTooMuch } from '../ui/bounded-field.tsx';
import { chosenOf } from '../ui/chosen-of.ts';
import { useDates } from '../ui/dates.ts';
import { useDraft } from '../ui/draft.ts';
import { endOfDay } from '../ui/end-of-day.ts';
import { useFocusOnAnswer } from '../ui/focus-on-answer.ts';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { plainly } from '../ui/plainly.ts';
import { isPressed } from '../ui/pressed-button.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { FilesChoice } from './files-choice.tsx';
import { emptyLetter, letterOf, wrongInLetter } from './letter-draft.ts';
import { DemandFields, ReferenceField, WordsFields } from './letter-fields.tsx';
import { HandlingFields, PreviewButton, publishAtOf } from './letter-handling.tsx';
import { canSendTo, ReachList } from './reach-list.tsx';
import { readRecipients } from './recipients.ts';
import { useSender } from './sender.ts';
import { ServiceChoice } from './service-choice.tsx';

export function WritePage() {
  return (
    <SignedIn>
      <Write />
    </SignedIn>
  );
}

function Write() {
  const { t } = useText();
  const { party, isLoading, error } = useSender();
  const services = useServices(party?.id);
  const all = services.data?.services ?? [];
  return (
    <div className="stack narrow">
      <p>
        <Link to="/console" search={party ? { party: party.id } : {}}>
          {t('sent.toAll')}
        </Link>
      </p>
      <PageTitle title={t('write.title')} />
      {error ? <Trouble error={error} again={() => location.reload()} /> : isLoading || services.isLoading ? <Waiting /> : null}
      {services.error ? <Trouble error={services.error} again={() => void services.refetch()} /> : null}
      {(!isLoading && !party) || (services.data && all.length === 0) ? (
        <Empty title={t('unread.notSender')}>
          <p>{t('unread.notSenderNext')}</p>
        </Empty>
      ) : null}
      {party && all.length > 0 ? (
        <>
          <p>{t('write.lead', { name: plainly(party.name, 80) })}</p>
          <LetterForm key={party.id} party={party.id} sender={party.name} services={all} />
        </>
      ) : null}
    </div>
  );
}

const empty = { ...emptyLetter, recipients: '', forwarding: false, publish: '' };

interface FormProps {
  readonly party: string;
  /** What it is called. */
  readonly sender: string;
  readonly services: readonly Service[];
}

/** First what and to whom; then who can open it there; then the button that sends. What is typed is kept until it is sent, files are not. */
function LetterForm({ party, sender, services }: FormProps) {
  const { t } = useText();
  const { moment } = useDates();
  const navigate = useNavigate();
  const [draft, change, clear] = useDraft(`write.${party}`, empty);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [tried, setTried] = useState(false);
  const reach = useReach(party);
  const send = useSend(party);
  const service = chosenOf(services, draft.service);
  const dueAt = endOfDay(draft.due);
  const publishAt = publishAtOf(draft);
  const laid = publishAt ? moment(publishAt) : '';
  const { numbers, odd } = readRecipients(draft.recipients);
  const wrong = {
    service: service === undefined,
    recipients: numbers.length === 0 || odd.length > 0 || numbers.length > mostRecipients,
    ...wrongInLetter(draft, files, publishAt),
    publish: publishAt === null,
  };
  // What was found out is about these recipients on this service, and about no others.
  const asked = `${service?.id} ${numbers.join(' ')}`;
  const [foundFor, setFoundFor] = useState('');
  const answer = useFocusOnAnswer<HTMLHeadingElement>();
  const reached = foundFor === asked ? reach.data : undefined;
  const [out, setOut] = useState<ReadonlySet<string>>(new Set());
  const [previews, setPreviews] = useState(false);
  const canGo = reached && service ? reached.filter((one) => canSendTo(one, service)).map(({ number }) => number) : [];
  const going = canGo.filter((number) => !out.has(number));
  const edit = (part: Partial<typeof empty>): void => {
    send.reset();
    change(part);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (holdsTooMuch(event)) return;
    setTried(true);
    if (!service || Object.values(wrong).some(Boolean) || reach.isPending || send.isPending) return;
    // Enter in a field presses the first button of a form: nothing is sent but by the button that says so.
    if (!reached || !isPressed(event, 'send')) {
      afterwards(reach.mutateAsync({ resource: service.id, numbers }), () => {
        setFoundFor(asked);
        if (foundFor !== asked) setOut(new Set());
        answer.come();
      });
      return;
    }
    if (going.length === 0) return;
    const letter = {
      ...letterOf(draft, service, sender, files),
      ...{ numbers: going, forwarding: draft.forwarding, publishAt: publishAt ?? undefined },
    };
    afterwards(send.mutateAsync(letter), ({ correspondences }) => {
      clear();
      announce(t(laid ? 'write.doneLater' : 'write.done', { count: correspondences.length, at: laid }));
      void navigate({ to: '/console', search: { party } });
    });
  };
  const recipientsProblem = (): string | undefined => {
    if (!tried || !wrong.recipients) return undefined;
    if (odd.length > 0) return t('write.odd', { what: plainly(odd.slice(0, 5).join(', '), 120) });
    return numbers.length === 0 ? t('write.recipientsMissing') : t('write.tooMany', { most: mostRecipients });
  };
  return (
    <Form className="stack" onSubmit={submit}>
      <ServiceChoice
        services={services}
        chosen={service}
        choose={(chosen) => edit({ service: chosen })}
        isMissing={tried && wrong.service}
        sender={sender}
      />
      <BoundedField
        label={t('write.recipients')}
        description={t('write.recipientsHelp')}
        multiline
        rows={3}
        longest={20_000}
        autoComplete="off"
        value={draft.recipients}
        error={recipientsProblem()}
        onChange={(event) => edit({ recipients: event.target.value })}
      />
      <WordsFields draft={draft} tried={tried} wrong={wrong} change={edit} bodyHelp={t('write.bodyHelp')} />
      <FilesChoice
        files={files}
        choose={(chosen) => {
          send.reset();
          setFiles(chosen);
        }}
      />
      <DemandFields draft={draft} tried={tried} wrong={wrong} change={edit} />
      <HandlingFields value={draft} isWrong={tried && wrong.publish} change={edit} />
      <ReferenceField draft={draft} change={edit} />
      {service ? (
        <div className="stack">
          <p>
            <Button type="button" variant="secondary" aria-expanded={previews} onClick={() => setPreviews(!previews)}>
              {t('write.notice')}
            </Button>
          </p>
          {previews ? <NoticePreview party={party} service={service.id} dueAt={dueAt ?? undefined} /> : null}
        </div>
      ) : null}
      {draft.body.trim() === '' ? null : (
        <PreviewButton sender={sender} versions={[draft, ...draft.translations.filter(({ body }) => body.trim() !== '')]} />
      )}
      <p>
        <Button type="submit" variant={reached ? 'secondary' : 'primary'} loading={reach.isPending}>
          {t('write.check')}
        </Button>
      </p>
      {reach.error && !reached ? <Trouble error={reach.error} /> : null}
      {reached && service ? (
        <div className="stack">
          <Heading level={2} data-size="xs" ref={answer.place} tabIndex={-1}>
            {t('write.reach')}
          </Heading>
          <ReachList reached={reached} service={service} out={out} change={setOut} />
          <p aria-live="polite">{canGo.length === 0 ? t('write.toNobody') : going.length === 0 ? t('reach.allOut') : t('write.ready')}</p>
        </div>
      ) : null}
      {send.error ? <Trouble error={send.error} /> : null}
      {reached ? (
        <p>
          <Button type="submit" value="send" loading={send.isPending} disabled={going.length === 0}>
            {t(laid ? 'write.sendLater' : 'write.send', { count: going.length, at: laid })}
          </Button>
        </p>
      ) : null}
    </Form>
  );
}
