import { Field, Heading, Label, Select } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { GiveAccess } from '../access/give-access.tsx';
import type { CoverageName, CoverageRight, CoverageService, CoverageUnit } from '../api/coverage.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';

/** Who it is that can open and give access, and one step to let somebody in. */
export function CoverageDetails({ unit, right }: { readonly unit: CoverageUnit; readonly right: CoverageRight }) {
  const { t } = useText();
  return (
    <div className="stack coverage-details coverage-held">
      {right.openerNames === null ? (
        <p>{t('coverage.namesElsewhere')}</p>
      ) : (
        <div className="columns">
          <Names title={t('coverage.openers')} names={right.openerNames} count={right.persons + right.systems} />
          <Names title={t('coverage.grantors')} names={right.grantorNames ?? []} count={right.grantors} />
        </div>
      )}
      <Remedy unit={unit} right={right} />
    </div>
  );
}

function Names({ title, names, count }: { readonly title: string; readonly names: readonly CoverageName[]; readonly count: number }) {
  const { t } = useText();
  return (
    <div className="stack-tight">
      <Heading level={2} data-size="2xs">
        {title}
      </Heading>
      {count === 0 ? <p>{t('coverage.nobody')}</p> : null}
      <ul>
        {names.map(({ id, name, kind, recent }) => (
          <li key={id} className="wrap">
            {plainly(name, 80)}
            {kind === 'system' ? ` (${t('coverage.system')})` : ''}
            {recent ? <span className="quiet">, {t('coverage.here')}</span> : null}
          </li>
        ))}
      </ul>
      {count > names.length ? <p className="quiet">{t('coverage.more', { count: count - names.length })}</p> : null}
    </div>
  );
}

/** Services of which it is told together who can open: one of them is chosen, and somebody is let in to it. */
function OneByOne({ unit, services }: { readonly unit: CoverageUnit; readonly services: readonly CoverageService[] }) {
  const { t, language } = useText();
  const [chosen, setChosen] = useState(services[0]!.resource);
  return (
    <div className="stack-tight narrow">
      <Heading level={2} data-size="2xs">
        {t('coverage.give')}
      </Heading>
      <p>{t('coverage.togetherWhy')}</p>
      <Field>
        <Label>{t('coverage.whichService')}</Label>
        <Select value={chosen} onChange={(event) => setChosen(event.target.value)}>
          {services.map(({ resource, title, owner }) => (
            <Select.Option key={resource} value={resource}>
              {t('coverage.by', { title: plainly(title[language], 120), owner: plainly(owner, 80) })}
            </Select.Option>
          ))}
        </Select>
      </Field>
      <GiveAccess key={chosen} party={unit} right={{ resource: chosen }} count={1} />
    </div>
  );
}

/** What can be done: by oneself, by others, or at the register. */
function Remedy({ unit, right }: { readonly unit: CoverageUnit; readonly right: CoverageRight }) {
  const { t } = useText();
  if (right.oneByOne !== null && right.youMayGive) return <OneByOne unit={unit} services={right.oneByOne} />;
  const given = right.package !== null ? { package: right.package } : right.resource !== null ? { resource: right.resource } : null;
  if (!given && right.oneByOne === null) return <p>{t('coverage.rolesOnly')}</p>;
  if (given && right.youMayGive)
    return (
      <div className="stack-tight narrow">
        <Heading level={2} data-size="2xs">
          {t('coverage.give')}
        </Heading>
        <GiveAccess party={unit} right={given} count={1} />
      </div>
    );
  return <p>{right.grantors > 0 ? t('coverage.askThem') : t('coverage.nobodyGives')}</p>;
}
