import { Button } from '@digdir/designsystemet-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { afterwards } from '../ui/afterwards.ts';
import { useText } from '../ui/language.ts';

interface Props {
  /** The button that begins it. */
  readonly label: string;
  readonly yes: string;
  readonly isPending: boolean;
  readonly confirm: () => Promise<unknown>;
  /** What it will mean. Where the focus goes when it is done is for whoever asks. */
  readonly children: ReactNode;
}

/** Asks once more before what cannot be undone. */
export function Sure({ label, yes, isPending, confirm, children }: Props) {
  const { t } = useText();
  const [asked, setAsked] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const sure = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (asked) sure.current?.focus();
  }, [asked]);
  if (!asked) {
    return (
      <Button ref={opener} variant="secondary" data-size="sm" onClick={() => setAsked(true)}>
        {label}
      </Button>
    );
  }
  const leave = (): void => {
    setAsked(false);
    requestAnimationFrame(() => opener.current?.focus());
  };
  return (
    <div className="stack-tight">
      <div role="alert">{children}</div>
      <div className="row">
        <Button ref={sure} data-size="sm" loading={isPending} onClick={() => afterwards(confirm(), () => setAsked(false))}>
          {yes}
        </Button>
        <Button variant="secondary" data-size="sm" onClick={leave}>
          {t('connections.no')}
        </Button>
      </div>
    </div>
  );
}
