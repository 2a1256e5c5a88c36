import { Button } from '@digdir/designsystemet-react';
import type { ReactNode } from 'react';

interface Props {
  readonly returnTo: string;
  /** A stronger login than the usual. */
  readonly level?: 'high';
  readonly children: ReactNode;
}

/** The way to the login and back to the page that is named. A real link: the server sends the browser on. */
export function LoginLink({ returnTo, level, children }: Props) {
  return (
    <Button asChild>
      <a href={`/login?${new URLSearchParams({ returnTo, ...(level ? { level } : {}) })}`}>{children}</a>
    </Button>
  );
}
