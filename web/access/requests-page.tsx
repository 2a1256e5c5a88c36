import { Button } from '@digdir/designsystemet-react';
import { type AccessRequest, useDecideRequest, useRequests } from '../api/access.ts';
import { useServiceTitle } from '../api/connections.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { useChosenParty } from '../ui/party.ts';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, isNoRight, Trouble, Waiting } from '../ui/states.tsx';
import { AccessTabs } from './access-tabs.tsx';
import { Elsewhere } from './elsewhere.tsx';
import { rightName } from './right-name.ts';

export function RequestsPage() {
  return (
    <SignedIn>
      <Requests />
    </SignedIn>
  );
}

/** Senders ask that somebody be given access; whoever administers access says yes or no. */
function Requests() {
  const { t } = useText();
  const { party } = useChosenParty();
  const requests = useRequests(party?.id);
  const rows = requests.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <div className="stack">
      <PageTitle title={t('requests.title')} />
      <AccessTabs party={party?.id} />
      <p className="narrow">{party ? t('requests.lead', { name: plainly(party.name, 80) }) : null}</p>
      <Elsewhere />
      {requests.isLoading ? <Waiting /> : null}
      {isNoRight(requests.error) ? (
        <Empty title={t('requests.notYours')}>
          <p>{t('requests.notYoursNext')}</p>
        </Empty>
      ) : null}
      {requests.error && !isNoRight(requests.error) ? <Trouble error={requests.error} again={() => void requests.refetch()} /> : null}
      {requests.data && rows.length === 0 ? <Empty title={t('requests.empty')} /> : null}
      <ul className="plain-list stack">
        {rows.map((request) => (
          <li key={request.id}>
            <OneRequest request={request} party={party!.id} />
          </li>
        ))}
      </ul>
      {requests.hasNextPage ? (
        <Button variant="secondary" onClick={() => void requests.fetchNextPage()}>
          {t('ui.more')}
        </Button>
      ) : null}
    </div>
  );
}

function OneRequest({ request, party }: { readonly request: AccessRequest; readonly party: string }) {
  const { t, language } = useText();
  const { day } = useDates();
  const decide = useDecideRequest(party);
  const service = useServiceTitle(request.resource?.referenceId);
  const named = rightName(t, { package: request.package?.referenceId ?? null, resource: request.resource?.referenceId ?? null });
  const right = plainly(request.package?.name?.[language] ?? service.data?.title?.[language] ?? named, 120);
  const name = plainly(request.to.name, 80);
  const answer = (decision: 'approve' | 'reject'): void =>
    afterwards(decide.mutateAsync({ id: request.id, decision }), () => announce(t(`requests.${decision}d`, { name })));
  return (
    <section className="sheet must-act stack" aria-label={name}>
      <p className="wrap">
        {t('requests.asks', { sender: plainly(request.requestedBy.name, 80), name, right, date: day(request.createdAt) })}
      </p>
      {decide.error ? <Trouble error={decide.error} /> : null}
      <div className="row">
        <Button loading={decide.isPending} onClick={() => answer('approve')}>
          {t('requests.approve', { name })}
        </Button>
        <Button variant="secondary" onClick={() => answer('reject')}>
          {t('requests.reject')}
        </Button>
      </div>
    </section>
  );
}
