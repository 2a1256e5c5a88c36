import { Button, Heading, Tag } from '@digdir/designsystemet-react';
import { useRef } from 'react';
import { useGrants } from '../api/access.ts';
import { type SystemUser, useEndSystem, useSystemRequests, useSystemUsers } from '../api/connections.ts';
import type { Party } from '../api/session.ts';
import { SenderPage } from '../console/sender-page.tsx';
import { announce } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { Sure } from '../ui/sure.tsx';
import { ConnectionsTabs } from './connections-tabs.tsx';
import { PackageName, RightName } from './right-names.tsx';
import { SystemRequestCard } from './system-request.tsx';
import { Troubles } from './troubles.tsx';

export function SystemsPage() {
  const { t } = useText();
  return (
    <SignedIn>
      <SenderPage title={t('systems.title')} Tabs={ConnectionsTabs}>
        {(party) => <OfParty key={party.id} party={party} />}
      </SenderPage>
    </SignedIn>
  );
}

/** What vendors ask for, and which systems may act for the organization already. */
function OfParty({ party }: { readonly party: Party }) {
  const { t } = useText();
  const users = useSystemUsers(party.id);
  const requests = useSystemRequests(party.id);
  const grants = useGrants(party.id);
  const title = useRef<HTMLHeadingElement>(null);
  const error = users.error ?? requests.error;
  const again = (): void => void Promise.all([users.refetch(), requests.refetch()]);
  return (
    <>
      <p className="narrow">{t('systems.lead', { name: plainly(party.name, 80) })}</p>
      <Troubles error={error} party={party} again={again} />
      {!error && (users.isLoading || requests.isLoading) ? <Waiting /> : null}
      {!error && requests.data && requests.data.length > 0 ? (
        <section className="stack" aria-labelledby="system-requests">
          <Heading level={2} data-size="xs" id="system-requests">
            {t('systems.requests')}
          </Heading>
          <ul className="plain-list stack">
            {requests.data.map((request) => (
              <li key={request.id}>
                <SystemRequestCard request={request} party={party.id} focusAfter={() => title.current?.focus()} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {!error && users.data && requests.data ? (
        <section className="stack" aria-labelledby="system-users">
          <Heading level={2} data-size="xs" id="system-users" ref={title} tabIndex={-1}>
            {t('systems.users')}
          </Heading>
          {users.data.length === 0 ? (
            <Empty title={t('systems.empty')}>
              <p>{t('systems.emptyNext')}</p>
            </Empty>
          ) : null}
          <ul className="plain-list stack">
            {users.data.map((user) => (
              <li key={user.id}>
                <OneSystem
                  user={user}
                  party={party.id}
                  grants={(grants.data?.pages ?? []).flatMap((page) => page.grants).filter(({ to }) => to === user.id)}
                  focusAfter={() => title.current?.focus()}
                />
              </li>
            ))}
          </ul>
          {grants.error ? <Trouble error={grants.error} /> : null}
          {grants.hasNextPage && users.data.length > 0 ? (
            <p>
              <Button variant="secondary" data-size="sm" loading={grants.isFetchingNextPage} onClick={() => void grants.fetchNextPage()}>
                {t('systems.moreRights')}
              </Button>
            </p>
          ) : null}
        </section>
      ) : null}
    </>
  );
}

interface SystemProps {
  readonly user: SystemUser;
  readonly party: string;
  readonly grants: readonly {
    readonly id: string;
    readonly package: string | null;
    readonly resource: string | null;
    readonly actions: readonly string[];
  }[];
  readonly focusAfter: () => void;
}

function OneSystem({ user, party, grants, focusAfter }: SystemProps) {
  const { t } = useText();
  const { day } = useDates();
  const end = useEndSystem(party);
  const name = plainly(user.integrationTitle, 80);
  const remove = async (): Promise<void> => {
    await end.mutateAsync(user.id);
    announce(t('systems.ended', { name }));
    focusAfter();
  };
  return (
    <section className="sheet stack-tight" aria-label={name}>
      <p className="wrap">
        <strong>{name}</strong>{' '}
        {user.systemUserType === 'agent' ? (
          <Tag data-size="sm" data-color="neutral">
            {t('systems.agent')}
          </Tag>
        ) : null}
      </p>
      <p className="wrap quiet">
        {t('systems.from', { vendor: plainly(user.supplierName ?? user.systemId, 80), date: day(user.created) })}
      </p>
      {user.systemUserType === 'agent' ? <p>{t('systems.agentMeans')}</p> : null}
      <ul className="stack-tight">
        {user.accessPackages.map(({ urn }) => (
          <li key={urn}>
            <PackageName urn={urn} />
          </li>
        ))}
        {grants.map((grant) => (
          <li key={grant.id}>
            {grant.package ? <PackageName urn={grant.package} /> : <RightName resource={grant.resource ?? ''} actions={grant.actions} />}
          </li>
        ))}
      </ul>
      {end.error ? <Trouble error={end.error} /> : null}
      <Sure label={t('systems.end', { name })} yes={t('systems.endYes')} isPending={end.isPending} confirm={remove}>
        <p>{t('systems.endMeans', { name })}</p>
      </Sure>
    </section>
  );
}
