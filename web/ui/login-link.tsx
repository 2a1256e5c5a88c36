import { Button } from '@digdir/designsystemet-react';
import type { ReactNode } from 'react';
import { useText } from './language.ts';

interface Props {
  readonly returnTo: string;
  /** A stronger login than the usual. */
  readonly level?: 'high';
  /** In a sandbox: whom the login shows first, by number. */
  readonly who?: string | undefined;
  readonly children: ReactNode;
}

/** The way to the login and back to the page that is named. A real link: the server sends the browser on. It is asked there in the language that is spoken here. */
export function LoginLink({ returnTo, level, who, children }: Props) {
  const { language } = useText();
  return (
    <Button asChild>
      <a href={`/login?${new URLSearchParams({ returnTo, lang: language, ...(level ? { level } : {}), ...(who ? { who } : {}) })}`}>
        {children}
      </a>
    </Button>
  );
}
