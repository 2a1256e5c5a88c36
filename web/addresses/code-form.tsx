import { Button, Heading, Textfield } from '@digdir/designsystemet-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { type Proof, useProve } from '../api/addresses.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Refused } from './refused.tsx';

interface Props {
  readonly proof: Proof;
  readonly isNew: boolean;
  readonly done: () => void;
}

/** A code is on its way to the address; whoever has it types it here. */
export function CodeForm({ proof, isNew, done }: Props) {
  const { t } = useText();
  const prove = useProve();
  const [code, setCode] = useState('');
  const [tried, setTried] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isNew) field.current?.focus();
  }, [isNew]);
  const address = plainly(proof.address, 80);
  const isWhole = /^\s*\d{3} ?\d{3}\s*$/.test(code);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (!isWhole) return;
    afterwards(prove.mutateAsync({ id: proof.id, code: code.trim() }), () => {
      announce(t('addresses.proved', { address }));
      done();
    });
  };
  return (
    <Form className="sheet must-act stack narrow" onSubmit={submit} aria-label={t('addresses.codeFor', { address })}>
      <Heading level={2} data-size="xs" className="wrap">
        {t('addresses.codeFor', { address })}
      </Heading>
      <p>{t('addresses.codeSent')}</p>
      <Textfield
        ref={field}
        label={t('addresses.code')}
        description={t('addresses.codeForm')}
        inputMode="numeric"
        autoComplete="one-time-code"
        value={code}
        error={tried && !isWhole ? t('addresses.codeMissing') : undefined}
        onChange={(event) => setCode(event.target.value)}
      />
      <Refused error={prove.error} />
      <p>
        <Button type="submit" loading={prove.isPending}>
          {t('addresses.prove')}
        </Button>
      </p>
    </Form>
  );
}
