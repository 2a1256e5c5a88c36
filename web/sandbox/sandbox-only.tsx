import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { sandboxQuery } from '../api/session.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { MissingPage, Trouble, Waiting } from '../ui/states.tsx';
import { SandboxTabs } from './sandbox-tabs.tsx';

/** A page that only a sandbox has; no login is needed. */
export function SandboxOnly({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const sandbox = useQuery(sandboxQuery);
  if (sandbox.isPending) return <Waiting />;
  if (sandbox.error) return <Trouble error={sandbox.error} again={() => void sandbox.refetch()} />;
  if (!sandbox.data) return <MissingPage />;
  return (
    <div className="stack">
      <PageTitle title={title} />
      <SandboxTabs />
      {children}
    </div>
  );
}
