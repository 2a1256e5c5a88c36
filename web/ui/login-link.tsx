import { Button } from '@digdir/designsystemet-react';
import type { ReactNode } from 'react';

/** The way to the login and back to the page that is named. A real link: the server sends the browser on. */
export function LoginLink({ returnTo, children }: { readonly returnTo: string; readonly children: ReactNode }) {
  return (
    <Button asChild>
      <a href={`/login?${new URLSearchParams({ returnTo })}`}>{children}</a>
    </Button>
  );
}
