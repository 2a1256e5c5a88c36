import { Button, Textfield } from '@digdir/designsystemet-react';
import { useEffect, useRef, useState } from 'react';
import { announce } from '../ui/announce.tsx';
import { useText } from '../ui/language.ts';

/** What signs the deliveries, shown this once, to be put where the receiving system finds it. */
export function Secret({ secret }: { readonly secret: string }) {
  const { t } = useText();
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => field.current?.focus(), []);
  const copy = async (): Promise<void> => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(secret);
    } catch {
      return; // it is marked, so that it can be copied by hand
    }
    setCopied(true);
    announce(t('webhooks.copied'));
  };
  return (
    <section className="sheet must-act stack" aria-label={t('webhooks.secret')}>
      <p>{t('webhooks.secretOnce')}</p>
      <Textfield ref={field} label={t('webhooks.secret')} readOnly value={secret} autoComplete="off" spellCheck={false} />
      <div className="row">
        <Button onClick={() => void copy()}>{t('webhooks.copy')}</Button>
        {copied ? <span>{t('webhooks.copied')}</span> : null}
      </div>
    </section>
  );
}
