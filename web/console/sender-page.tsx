import type { ComponentType, ReactNode } from 'react';
import type { Party } from '../api/session.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { Empty, isNoRight, Trouble, Waiting } from '../ui/states.tsx';
import { useSender } from './sender.ts';

interface Props {
  readonly title: string;
  /** Where one can go from here, if anywhere. */
  readonly Tabs?: ComponentType<{ readonly party: string | undefined }>;
  readonly children: (party: Party) => ReactNode;
}

/** A page about the organization that one sends for; whoever sends for none is told whom to ask. */
export function SenderPage({ title, Tabs, children }: Props) {
  const { t } = useText();
  const { party, isLoading, error } = useSender();
  return (
    <div className="stack">
      <PageTitle title={title} />
      {Tabs ? <Tabs party={party?.id} /> : null}
      {error ? <Trouble error={error} again={() => location.reload()} /> : isLoading ? <Waiting /> : null}
      {!isLoading && !party ? (
        <Empty title={t('unread.notSender')}>
          <p>{t('unread.notSenderNext')}</p>
        </Empty>
      ) : null}
      {party ? children(party) : null}
    </div>
  );
}

interface OrTroubleProps {
  readonly error: unknown;
  readonly again: () => void;
  /** What is said to whom it is not for. */
  readonly noRight: string;
  readonly whomToAsk: string;
}

/** Some pages are for those who administer access at the organization, and not for everybody who sends. */
export function OrTrouble({ error, again, noRight, whomToAsk }: OrTroubleProps) {
  if (!error) return null;
  if (!isNoRight(error)) return <Trouble error={error} again={again} />;
  return (
    <Empty title={noRight}>
      <p>{whomToAsk}</p>
    </Empty>
  );
}
