import { Button, Field, Label, Textarea, ValidationMessage } from '@digdir/designsystemet-react';
import { type ChangeEvent, type FormEvent, useId, useState } from 'react';
import { useSeed } from '../api/sandbox.ts';
import { announce } from '../ui/announce.tsx';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { Trouble } from '../ui/states.tsx';
import { SandboxOnly } from './sandbox-only.tsx';

const example = {
  version: 1,
  parties: [
    { kind: 'organization', number: '310000000', name: 'Prøveetaten', unitType: 'ORGL' },
    { kind: 'person', number: '11917017052', name: 'Prøve Person', contactPoints: [{ channel: 'email', address: 'prove@person.example' }] },
  ],
  resources: [
    {
      ...{ id: 'prove-brev', type: 'CorrespondenceService', owner: '310000000' },
      title: { nb: 'Brev fra Prøveetaten', nn: 'Brev frå Prøveetaten', en: 'Letters from the trial agency' },
    },
  ],
};

export function TownPage() {
  const { t } = useText();
  return (
    <SandboxOnly title={t('sandbox.town')}>
      <TownForm />
    </SandboxOnly>
  );
}

/** A town document, from a file or typed: parties, roles, services. What is there already is left as it is. */
function TownForm() {
  const { t } = useText();
  const id = useId();
  const seed = useSeed();
  const [text, setText] = useState('');
  const [isWrong, setWrong] = useState(false);
  const change = (next: string): void => {
    setText(next);
    setWrong(false);
  };
  const read = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const file = event.target.files?.[0];
    if (file) change(await file.text());
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch {
      setWrong(true);
      return;
    }
    seed.mutate(document, { onSuccess: () => announce(t('sandbox.loaded')) });
  };
  const lists = Object.entries(seed.data ?? {}).filter(([, { created, updated, unchanged }]) => created + updated + unchanged > 0);
  return (
    <>
      <p className="narrow">{t('sandbox.townLead')}</p>
      <Form className="stack narrow" onSubmit={submit}>
        <Field>
          <Label htmlFor={`${id}-file`}>{t('sandbox.file')}</Label>
          <input
            id={`${id}-file`}
            type="file"
            className="ds-input"
            accept="application/json,.json"
            onChange={(event) => void read(event)}
          />
        </Field>
        <Field>
          <Label htmlFor={`${id}-text`}>{t('sandbox.document')}</Label>
          <Textarea id={`${id}-text`} rows={12} spellCheck={false} value={text} onChange={(event) => change(event.target.value)} />
          {isWrong ? <ValidationMessage>{t('sandbox.notJson')}</ValidationMessage> : null}
        </Field>
        <div className="row">
          <Button type="submit" disabled={text.trim() === ''} loading={seed.isPending}>
            {t('sandbox.load')}
          </Button>
          <Button type="button" variant="secondary" onClick={() => change(JSON.stringify(example, null, 2))}>
            {t('sandbox.example')}
          </Button>
        </div>
      </Form>
      {seed.error ? <Trouble error={seed.error} /> : null}
      {seed.data ? (
        <section className="stack-tight" aria-label={t('sandbox.loaded')}>
          <p>
            <strong>{t('sandbox.loaded')}</strong>
          </p>
          <ul>
            {lists.map(([name, { created, updated, unchanged }]) => (
              <li key={name}>
                <span lang="en">{name}</span>: {t('sandbox.counts', { created, updated, unchanged })}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}
