import { Button, Heading } from '@digdir/designsystemet-react';
import { isChange, type SystemRequest, useDecideSystem, useSystem } from '../api/connections.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Trouble } from '../ui/states.tsx';
import { PackageName, RightName } from './right-names.tsx';

interface Props {
  readonly request: SystemRequest;
  readonly party: string;
  readonly focusAfter: () => void;
}

/** A vendor asks that its system may act for the organization: who it is, what it would get, yes or no. */
export function SystemRequestCard({ request, party, focusAfter }: Props) {
  const { t, language } = useText();
  const { day } = useDates();
  const system = useSystem(request.systemId);
  const decide = useDecideSystem(party, request);
  const name = plainly(request.integrationTitle, 80);
  const vendor = plainly(system.data?.systemVendorOrgName || request.systemId, 80);
  const description = system.data?.description[language] ?? system.data?.description.nb;
  const answer = (decision: 'approve' | 'reject'): void =>
    afterwards(decide.mutateAsync(decision), () => {
      announce(t(`systems.${decision}d`, { name }));
      focusAfter();
    });
  return (
    <section className="sheet must-act stack" aria-label={name}>
      <div className="stack-tight">
        <Heading level={3} data-size="2xs" className="wrap">
          {name}
        </Heading>
        <p className="wrap">{t(isChange(request) ? 'systems.asksChange' : 'systems.asks', { vendor, name, date: day(request.created) })}</p>
        {description ? <p className="wrap quiet">{plainly(description, 300)}</p> : null}
        {request.userType === 'agent' ? <p>{t('systems.agentMeans')}</p> : null}
      </div>
      <Asked title={t('systems.wants')} rights={request.rights} packages={request.accessPackages} />
      {isChange(request) ? (
        <Asked title={t('systems.givesUp')} rights={request.unwantedRights ?? []} packages={request.unwantedAccessPackages ?? []} />
      ) : null}
      {decide.error ? <Trouble error={decide.error} /> : null}
      <div className="row">
        <Button loading={decide.isPending} onClick={() => answer('approve')}>
          {t('systems.approve', { name })}
        </Button>
        <Button variant="secondary" onClick={() => answer('reject')}>
          {t('systems.reject', { name })}
        </Button>
      </div>
    </section>
  );
}

interface AskedProps {
  readonly title: string;
  readonly rights: SystemRequest['rights'];
  readonly packages: SystemRequest['accessPackages'];
}

function Asked({ title, rights, packages }: AskedProps) {
  if (rights.length + packages.length === 0) return null;
  return (
    <div className="stack-tight">
      <p>{title}</p>
      <ul className="stack-tight">
        {packages.map(({ urn }) => (
          <li key={urn}>
            <PackageName urn={urn} />
          </li>
        ))}
        {rights.map(({ action, resource }) => (
          <li key={`${action} ${resource[0]?.value}`}>
            <RightName resource={resource[0]?.value ?? ''} actions={[action ?? 'read']} />
          </li>
        ))}
      </ul>
    </div>
  );
}
