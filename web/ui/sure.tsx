import { Button } from '@digdir/designsystemet-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { afterwards } from './afterwards.ts';
import { useText } from './language.ts';
import { Trouble } from './states.tsx';

interface Props {
  /** The button that begins it. */
  readonly label: string;
  readonly yes: string;
  /** Another word for leaving it as it is. */
  readonly no?: string;
  readonly isPending: boolean;
  readonly variant?: 'secondary' | 'tertiary';
  readonly confirm: () => Promise<unknown>;
  readonly error?: Error | null;
  /** What it will mean. Where the focus goes when it is done is for whoever asks; else the nearest heading has it. */
  readonly children: ReactNode;
}

/** Asks once more before what cannot be undone. The focus goes with the question, and back where it came from. */
export function Sure({ label, yes, no, isPending, variant = 'secondary', confirm, error = null, children }: Props) {
  const { t } = useText();
  const [asked, setAsked] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const sure = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (asked) sure.current?.focus();
  }, [asked]);
  if (!asked) {
    return (
      <Button ref={opener} variant={variant} data-size="sm" onClick={() => setAsked(true)}>
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
      {error ? <Trouble error={error} /> : null}
      <div className="row">
        <Button ref={sure} data-size="sm" loading={isPending} onClick={() => afterwards(confirm(), () => setAsked(false))}>
          {yes}
        </Button>
        <Button variant="secondary" data-size="sm" onClick={leave}>
          {no ?? t('sure.no')}
        </Button>
      </div>
    </div>
  );
}
