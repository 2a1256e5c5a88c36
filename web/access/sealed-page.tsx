import { Button, Heading } from '@digdir/designsystemet-react';
import { type Sealed, useSealed } from '../api/access.ts';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { useChosenParty } from '../ui/party.ts';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { AccessTabs } from './access-tabs.tsx';
import { GiveAccess } from './give-access.tsx';
import { rightName } from './right-name.ts';

export function SealedPage() {
  return (
    <SignedIn>
      <SealedPost />
    </SignedIn>
  );
}

/** Post that nobody can open, gathered by the right that it needs: one gift of access opens all of a group. */
function SealedPost() {
  const { t } = useText();
  const { party } = useChosenParty();
  const sealed = useSealed();
  const groups = groupsOf(sealed.data?.pages.flatMap((page) => page.sealed) ?? []);
  // Whoever may give nobody access here is not told that all is well here.
  const isTheirs = groups.length > 0 || party === null || party.administers;
  return (
    <div className="stack">
      <PageTitle title={t('sealed.title')} />
      <AccessTabs party={party?.id} />
      {isTheirs ? <p className="narrow">{t('sealed.lead')}</p> : null}
      {sealed.isPending ? <Waiting /> : null}
      {sealed.error ? <Trouble error={sealed.error} again={() => void sealed.refetch()} /> : null}
      {sealed.data && party && !isTheirs ? (
        <Empty title={t('sealed.notYours', { name: plainly(party.name, 80) })}>
          <p>{t('sealed.notYoursNext')}</p>
        </Empty>
      ) : null}
      {sealed.data && groups.length === 0 && isTheirs ? (
        <Empty title={t('sealed.empty')}>
          <p>{t('sealed.emptyNext')}</p>
        </Empty>
      ) : null}
      <ul className="plain-list stack">
        {groups.map((envelopes) => (
          <li key={keyOf(envelopes[0]!)}>
            <Group envelopes={envelopes} />
          </li>
        ))}
      </ul>
      {sealed.hasNextPage ? (
        <Button variant="secondary" onClick={() => void sealed.fetchNextPage()}>
          {t('ui.more')}
        </Button>
      ) : null}
    </div>
  );
}

function keyOf({ party, right }: Sealed): string {
  return `${party.id} ${right.packages.join(' ')} ${right.packages.length === 0 ? right.resource : ''}`;
}

function groupsOf(sealed: readonly Sealed[]): Sealed[][] {
  const groups = new Map<string, Sealed[]>();
  for (const envelope of sealed) {
    const key = keyOf(envelope);
    groups.set(key, [...(groups.get(key) ?? []), envelope]);
  }
  return [...groups.values()];
}

function Group({ envelopes }: { readonly envelopes: readonly Sealed[] }) {
  const { t, language } = useText();
  const { moment } = useDates();
  const { party, right, confidential } = envelopes[0]!;
  const needed = right.packages.length > 0 ? { package: right.packages[0]! } : { resource: right.resource ?? '' };
  return (
    <section className="sheet must-act stack" aria-label={t('sealed.at', { name: plainly(party.name, 80) })}>
      <div className="stack-tight">
        <Heading level={2} data-size="xs" className="wrap">
          {t('sealed.at', { name: plainly(party.name, 80) })}
        </Heading>
        <p>
          {t('sealed.needs')} <strong>{rightName(t, { ...needed, title: right.resourceTitle?.[language] ?? null })}</strong>.{' '}
          {confidential ? t('sealed.confidential') : null}
        </p>
      </div>
      <ul className="stack-tight">
        {envelopes.map(({ sender, publishedAt, ageDays, right: { resourceTitle } }) => (
          <li key={`${sender.name} ${publishedAt}`} className="wrap">
            {t('sealed.from', { sender: plainly(sender.name, 80), at: moment(publishedAt) })}
            {ageDays > 0 ? ` ${t('sealed.age', { count: ageDays })}` : ''}
            {resourceTitle ? ` ${t('sealed.about', { title: plainly(resourceTitle[language], 120) })}` : ''}
          </li>
        ))}
      </ul>
      <GiveAccess party={party} right={needed} count={envelopes.length} />
    </section>
  );
}
