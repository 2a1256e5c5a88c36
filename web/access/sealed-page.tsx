import { Button, Fieldset, Heading, Radio } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { type Envelope, type Sealed, type SealedGift, useEnvelope, useSealed } from '../api/access.ts';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { useChosenParty } from '../ui/party.ts';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { toldApart } from '../ui/told-apart.ts';
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
      {groups.length > 0 ? <p className="narrow">{t('sealed.lead')}</p> : null}
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
  const envelope = useEnvelope(envelopes[0]!.id);
  const names = new Map(envelope.data?.right.packages.map(({ code, name }) => [code, name?.[language]]));
  const nameOf = (code: string): string => names.get(code) ?? rightName(t, { package: code });
  const service = right.resourceTitle ? plainly(right.resourceTitle[language], 120) : null;
  const needed = right.packages.length > 0 ? right.packages.map(nameOf) : [service ?? right.resource ?? ''];
  return (
    <section className="sheet must-act stack" aria-label={`${t('sealed.at', { name: plainly(party.name, 80) })}, ${needed.join(', ')}`}>
      <div className="stack-tight">
        <Heading level={2} data-size="xs" className="wrap">
          {t('sealed.at', { name: plainly(party.name, 80) })}
        </Heading>
        <p>
          {t('sealed.needs')} <strong>{needed.join(` ${t('sealed.or')} `)}</strong>. {confidential ? t('sealed.confidential') : null}
        </p>
      </div>
      <ul className="stack-tight">
        {envelopes.map(({ id, sender, publishedAt, ageDays, isLetLie, right: { resourceTitle } }) => (
          <li key={id} className="wrap">
            {t('sealed.from', { sender: plainly(sender.name, 80), at: moment(publishedAt) })}
            {ageDays > 0 ? ` ${t('sealed.age', { count: ageDays })}` : ''}
            {resourceTitle ? ` ${t('sealed.about', { title: plainly(resourceTitle[language], 120) })}` : ''}
            {isLetLie ? <span className="quiet under">{t('sealed.letLie')}</span> : null}
          </li>
        ))}
      </ul>
      {envelope.data ? <Open envelopes={envelopes} envelope={envelope.data} nameOf={nameOf} service={service} /> : null}
      {envelope.isPending ? <Waiting /> : null}
      {envelope.error ? <Trouble error={envelope.error} again={() => void envelope.refetch()} /> : null}
    </section>
  );
}

interface OpenProps {
  readonly envelopes: readonly Sealed[];
  readonly envelope: Envelope;
  readonly nameOf: (code: string) => string;
  readonly service: string | null;
}

/** So many messages can be chosen by themselves. */
const mostAlone = 5;

/** How much somebody is let in to: all that one of the packages opens that may be given, all of the service, or one message alone. */
function Open({ envelopes, envelope, nameOf, service }: OpenProps) {
  const { t } = useText();
  const { moment } = useDates();
  const { id, party } = envelopes[0]!;
  const mine = envelope.right.packages.filter(({ youMayGive }) => youMayGive);
  const others = envelope.right.packages.filter(({ youMayGive }) => !youMayGive);
  const alone = envelopes.slice(0, mostAlone);
  // Those of one sender and one minute are told apart as they lie in the list above.
  const called = toldApart(
    alone.map(({ sender, publishedAt }) => [t('sealed.giveOne', { sender: plainly(sender.name, 80), at: moment(publishedAt) })]),
    (name, nth, of) => t('ui.nth', { name, nth, of }),
  );
  const ways: { readonly key: string; readonly label: string; readonly gift: SealedGift }[] = [
    ...mine.map(({ code }) => ({
      key: code,
      label: t('sealed.giveAll', { right: nameOf(code) }),
      gift: { id, what: 'package' as const, package: code },
    })),
    {
      key: 'service',
      label: service ? t('sealed.giveService', { title: service }) : t('sealed.giveItsService'),
      gift: { id, what: 'service' as const },
    },
    ...alone.map((each, index) => ({
      key: each.id,
      label: called[index]!,
      gift: { id: each.id, what: 'message' as const },
    })),
  ];
  const [wanted, setWanted] = useState('');
  const way = ways.find(({ key }) => key === wanted) ?? ways[0]!;
  return (
    <>
      <Fieldset>
        <Fieldset.Legend>{t('sealed.howMuch')}</Fieldset.Legend>
        {others.length > 0 ? (
          <Fieldset.Description>
            {t('sealed.notGivable', { right: others.map(({ code }) => nameOf(code)).join(', ') })}
          </Fieldset.Description>
        ) : null}
        {ways.map(({ key, label }) => (
          <Radio key={key} name={`how-much-${id}`} value={key} label={label} checked={key === way.key} onChange={() => setWanted(key)} />
        ))}
      </Fieldset>
      <GiveAccess
        party={party}
        right={{ package: keyOf(envelopes[0]!) }}
        count={way.gift.what === 'message' ? 1 : envelopes.length}
        gift={way.gift}
        isLetLie={envelopes.every(({ id: of, isLetLie }) => isLetLie || (way.gift.what === 'message' && of !== way.gift.id))}
      />
    </>
  );
}
