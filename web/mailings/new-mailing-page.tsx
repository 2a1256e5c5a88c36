import { Button, Field, Label, ValidationMessage } from '@digdir/designsystemet-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useMemo, useState } from 'react';
import { Refusal } from '../api/ask.ts';
import { FileRefusal } from '../api/attachments.ts';
import { useCreateMailing } from '../api/mailings.ts';
import { type Service, useServices } from '../api/send.ts';
import { FilesChoice } from '../console/files-choice.tsx';
import { emptyLetter, letterOf, wrongInLetter } from '../console/letter-draft.ts';
import { DemandFields, ReferenceField, WordsFields } from '../console/letter-fields.tsx';
import { useSender } from '../console/sender.ts';
import { ServiceChoice } from '../console/service-choice.tsx';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { BoundedField, holdsTooMuch } from '../ui/bounded-field.tsx';
import { chosenOf } from '../ui/chosen-of.ts';
import { useDraft } from '../ui/draft.ts';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { fieldsIn, newKey } from './letter-fields.ts';
import { readList } from './read-list.ts';

export function NewMailingPage() {
  return (
    <SignedIn>
      <NewMailing />
    </SignedIn>
  );
}

function NewMailing() {
  const { t } = useText();
  const { party, isLoading, error } = useSender();
  const services = useServices(party?.id);
  const all = services.data?.services ?? [];
  return (
    <div className="stack narrow">
      <p>
        <Link to="/console/mailings" search={party ? { party: party.id } : {}}>
          {t('mailings.toAll')}
        </Link>
      </p>
      <PageTitle title={t('mailings.new')} />
      {error ? <Trouble error={error} again={() => location.reload()} /> : isLoading || services.isLoading ? <Waiting /> : null}
      {services.error ? <Trouble error={services.error} again={() => void services.refetch()} /> : null}
      {(!isLoading && !party) || (services.data && all.length === 0) ? (
        <Empty title={t('unread.notSender')}>
          <p>{t('unread.notSenderNext')}</p>
        </Empty>
      ) : null}
      {party && all.length > 0 ? (
        <>
          <p>{t('mailings.newLead')}</p>
          <MailingForm key={party.id} party={party.id} sender={party.name} services={all} />
        </>
      ) : null}
    </div>
  );
}

const empty = { ...emptyLetter, key: '', list: '' };
/** What a browser reads whole; larger lists go by the API. */
const mostBytes = 20_000_000;

interface ListFile {
  readonly name: string;
  readonly text: string;
}

interface FormProps {
  readonly party: string;
  /** What it is called. */
  readonly sender: string;
  readonly services: readonly Service[];
}

/** The letter, and the list that it goes to. Nothing is sent here: what becomes of each line is shown first. */
function MailingForm({ party, sender, services }: FormProps) {
  const { t } = useText();
  const navigate = useNavigate();
  const [draft, change, clear] = useDraft(`mailing.${party}`, empty);
  const [file, setFile] = useState<ListFile | 'too-large' | null>(null);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [tried, setTried] = useState(false);
  const [taken, setTaken] = useState(0);
  const create = useCreateMailing(party, setTaken);
  const service = chosenOf(services, draft.service);
  const text = file !== null && file !== 'too-large' ? file.text : draft.list;
  const list = useMemo(() => readList(text), [text]);
  const words = [draft, ...draft.translations].flatMap(({ title, body }) => [title, body]);
  const missing = fieldsIn(words).filter((name) => !list.fields.includes(name));
  const wrong = {
    service: service === undefined,
    ...wrongInLetter(draft, files),
    list: list.lines.length === 0 || file === 'too-large',
    fields: missing.length > 0,
  };
  /** What is written anew is another mailing; what is sent again as it was goes on where it broke off. */
  const edit = (part: Partial<typeof empty>): void => {
    create.reset();
    setTaken(0);
    change({ ...part, key: '' });
  };
  const choose = async (picked: File | undefined): Promise<void> => {
    edit({});
    if (!picked) setFile(null);
    else if (picked.size > mostBytes) setFile('too-large');
    else setFile({ name: picked.name, text: await picked.text() });
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (holdsTooMuch(event)) return;
    setTried(true);
    if (!service || Object.values(wrong).some(Boolean)) return;
    const key = draft.key || newKey();
    change({ key });
    const letter = { ...letterOf(draft, service, sender, files), key, lines: list.lines };
    const made = create.mutateAsync(letter);
    // Files are not kept with the text: what is sent again without them is another mailing, and is made as one at the next press.
    made.catch((error: unknown) => error instanceof Refusal && error.row === 'BUD-09603' && change({ key: '' }));
    afterwards(made, ({ mailingId, counts }) => {
      clear();
      announce(t('mailings.taken', { count: counts.received }));
      void navigate({ to: '/console/mailings/$id', params: { id: mailingId }, search: { party } });
    });
  };
  const listProblem = (): string | undefined => {
    if (file === 'too-large') return t('mailings.tooLarge');
    if (tried && wrong.list) return t('mailings.listMissing');
    return tried && wrong.fields ? t('mailings.fieldsMissing', { names: plainly(missing.join(', '), 200) }) : undefined;
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
      <WordsFields
        draft={draft}
        tried={tried}
        wrong={wrong}
        change={edit}
        bodyHelp={t('mailings.bodyHelp', { recipient: '{{recipientName}}', field: `{{${t('mailings.exampleField')}}}` })}
      />
      <BoundedField
        label={t('mailings.list')}
        description={t('mailings.listHelp')}
        multiline
        rows={6}
        longest={200_000}
        autoComplete="off"
        readOnly={file !== null}
        value={draft.list}
        error={file === null ? listProblem() : undefined}
        onChange={(event) => edit({ list: event.target.value })}
      />
      <Field>
        <Label>{t('mailings.file')}</Label>
        <input
          type="file"
          accept=".csv,.txt,text/csv,text/plain"
          className="ds-input"
          aria-invalid={file !== null && listProblem() ? true : undefined}
          onChange={(event) => void choose(event.target.files?.[0])}
        />
        {file !== null && listProblem() ? <ValidationMessage>{listProblem()}</ValidationMessage> : null}
      </Field>
      <div aria-live="polite">
        {list.lines.length > 0 ? (
          <p>
            {t('mailings.read', { count: list.lines.length })} {list.hasHeading ? t('mailings.heading') : null}{' '}
            {list.fields.length > 0 ? t('mailings.fields', { names: plainly(list.fields.slice(0, 20).join(', '), 300) }) : null}
          </p>
        ) : null}
      </div>
      <FilesChoice
        files={files}
        choose={(chosen) => {
          edit({});
          setFiles(chosen);
        }}
      />
      <DemandFields draft={draft} tried={tried} wrong={wrong} change={edit} />
      <ReferenceField draft={draft} change={edit} />
      {create.error ? (
        <Trouble error={create.error}>
          {create.error instanceof FileRefusal ? (
            <p className="wrap">{t('write.fileRefused', { name: plainly(create.error.fileName, 120) })}</p>
          ) : null}
          {taken > 0 ? <p>{t('mailings.brokeOff', { taken, of: list.lines.length })}</p> : null}
        </Trouble>
      ) : null}
      <p role="status">{create.isPending && files.length > 0 && taken === 0 ? t('mailings.filesFirst') : null}</p>
      {create.isPending && list.lines.length > 5000 ? (
        <progress className="progress" max={list.lines.length} value={taken} aria-label={t('mailings.taking')} />
      ) : null}
      <p>
        <Button type="submit" loading={create.isPending}>
          {create.error && taken > 0 ? t('mailings.goOn') : t('mailings.create')}
        </Button>
      </p>
    </Form>
  );
}
