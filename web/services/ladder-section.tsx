import { Button, Details, Field, Heading, Label, Select } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { type Ladder, type LadderStep, type OwnService, useChooseLadder, useClimbed, useLadders, useVersions } from '../api/services.ts';
import { timeNow } from '../api/time.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Trouble, Waiting } from '../ui/states.tsx';
import { LadderChoices } from './ladder-choices.tsx';
import { LadderEditor } from './ladder-editor.tsx';
import { useLadderName } from './ladder-name.ts';
import { LimitsForm } from './limits-form.tsx';
import { useMakerWords } from './maker-words.ts';
import { PlannedDays } from './planned-days.tsx';

interface Props {
  readonly party: string;
  readonly service: OwnService;
}

/** Which ladder the service's post climbs; the days of any of them, before it is chosen. */
export function LadderSection({ party, service }: Props) {
  const { t } = useText();
  const named = useLadderName();
  const climbed = useClimbed(party, service.id);
  const ladders = useLadders(party);
  const error = climbed.error ?? ladders.error;
  return (
    <section className="sheet stack" aria-labelledby="ladder">
      <Heading level={2} data-size="xs" id="ladder">
        {t('ladder.title')}
      </Heading>
      <p className="narrow">{t('ladder.lead')}</p>
      {error ? <Trouble error={error} again={() => void Promise.all([climbed.refetch(), ladders.refetch()])} /> : null}
      {!error && (climbed.isPending || ladders.isPending) ? <Waiting /> : null}
      {climbed.data && ladders.data ? (
        <>
          <p>
            {t('ladder.now')} <strong className="wrap">{named({ id: climbed.data.ladder, version: climbed.data.version })}</strong>
          </p>
          <Chooser party={party} service={service} now={climbed.data.ladder} ladders={ladders.data} />
          <LadderChoices party={party} service={service.id} />
          {service.mayChoose ? (
            <LimitsForm key={climbed.data.ladder} party={party} service={service.id} climbed={climbed.data} ladders={ladders.data} />
          ) : null}
        </>
      ) : null}
    </section>
  );
}

interface ChooserProps extends Props {
  readonly now: string;
  readonly ladders: readonly Ladder[];
}

function Chooser({ party, service, now, ladders }: ChooserProps) {
  const { t } = useText();
  const named = useLadderName();
  const [picked, setPicked] = useState(now);
  const [from] = useState(() => new Date(timeNow()).toISOString());
  const [editing, setEditing] = useState<{ readonly id: string; readonly steps: readonly LadderStep[] } | null>(null);
  const choose = useChooseLadder(party, service.id);
  const ladder = ladders.find(({ id }) => id === picked);
  const use = (): void =>
    afterwards(choose.mutateAsync({ ladder: picked }), () => announce(t('ladder.chosen', { id: named({ id: picked }) })));
  const kinds = ['preset', 'own', 'draft'] as const;
  return (
    <>
      <Field>
        <Label>{t('ladder.look')}</Label>
        <Select
          value={picked}
          onChange={(event) => {
            choose.reset();
            setPicked(event.target.value);
          }}
        >
          {kinds
            .map((kind) => ({ kind, those: ladders.filter((each) => each.kind === kind) }))
            .filter(({ those }) => those.length > 0)
            .map(({ kind, those }) => (
              <Select.Optgroup key={kind} label={t(`ladder.kind.${kind}`)}>
                {those.map(({ id, version }) => (
                  <Select.Option key={id} value={id}>
                    {named({ id, version })}
                  </Select.Option>
                ))}
              </Select.Optgroup>
            ))}
        </Select>
      </Field>
      {ladder?.drawnFrom ? (
        <p className="quiet wrap">
          <span lang="en">{ladder.drawnFrom.fact}</span> ({t('ladder.source')} <span lang="en">{ladder.drawnFrom.source}</span>)
        </p>
      ) : null}
      <Heading level={3} data-size="2xs">
        {t('ladder.today')}
      </Heading>
      <PlannedDays party={party} from={from} name={t('ladder.days', { id: named({ id: picked }) })} of={{ ladder: picked }} />
      {choose.error ? <Trouble error={choose.error} /> : null}
      {service.mayChoose ? (
        <div className="row">
          {picked !== now && ladder?.kind !== 'draft' ? (
            <Button loading={choose.isPending} onClick={use}>
              {t('ladder.use', { id: named({ id: picked }) })}
            </Button>
          ) : null}
          <Button
            variant="secondary"
            onClick={() => setEditing({ id: ladder?.kind === 'own' ? ladder.id : '', steps: ladder?.steps ?? [] })}
          >
            {ladder?.kind === 'own' ? t('ladder.change', { id: picked }) : t('ladder.copy', { id: named({ id: picked }) })}
          </Button>
        </div>
      ) : (
        <p className="quiet">{t('ladder.ownerOnly')}</p>
      )}
      {ladder?.kind === 'own' ? <Versions key={ladder.id} party={party} id={ladder.id} /> : null}
      {editing ? (
        <LadderEditor
          key={`${editing.id} ${picked}`}
          party={party}
          from={from}
          begin={editing}
          close={() => setEditing(null)}
          saved={(id) => {
            setEditing(null);
            setPicked(id);
          }}
        />
      ) : null}
    </>
  );
}

/** What was sent keeps the version that it began with: they are all here. */
function Versions({ party, id }: { readonly party: string; readonly id: string }) {
  const { t } = useText();
  const { moment } = useDates();
  const who = useMakerWords();
  const versions = useVersions(party, id, true);
  return (
    <Details>
      <Details.Summary>{t('ladder.versions')}</Details.Summary>
      <Details.Content>
        <p className="quiet">{t('ladder.versionsMeaning')}</p>
        {versions.error ? <Trouble error={versions.error} again={() => void versions.refetch()} /> : null}
        <ul>
          {versions.data?.versions.map(({ version, madeAt, madeBy, steps }) => (
            <li key={version} className="wrap">
              {t(madeBy ? 'ladder.versionBy' : 'ladder.version', {
                version,
                at: moment(madeAt),
                who: who(madeBy),
                steps: steps.map(({ name }) => plainly(name, 40)).join(', '),
              })}
            </li>
          ))}
        </ul>
      </Details.Content>
    </Details>
  );
}
