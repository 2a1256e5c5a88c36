import { Button, Checkbox, Fieldset, Radio, Textfield } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { type Doubtful, doubtful, type Mailing, type Move, type useMoveMailing } from '../api/mailings.ts';
import { timeNow } from '../api/time.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { instantInNorway } from '../ui/end-of-day.ts';
import { Form } from '../ui/form.tsx';
import { type TextKey, useText } from '../ui/language.ts';
import { Trouble } from '../ui/states.tsx';
import { Sure } from '../ui/sure.tsx';

interface Props {
  readonly mailing: Mailing;
  readonly move: ReturnType<typeof useMoveMailing>;
}

/** What can be done with a mailing where it stands: let it go, stop it for a while, go on, or end it. */
export function Moves({ mailing, move }: Props) {
  const { t } = useText();
  const { state, counts } = mailing;
  const go = (wish: Move, body?: object): void =>
    afterwards(move.mutateAsync({ move: wish, ...(body ? { body } : {}) }), () => announce(t(`mailings.moved.${wish}`)));
  const under = (wish: Move): boolean => move.isPending && move.variables.move === wish;
  if (state === 'Finished' || state === 'Cancelled') return null;
  return (
    <div className="stack">
      {move.error && move.variables?.move !== 'check' ? <Trouble error={move.error} /> : null}
      {state === 'Open' && counts.staged === 0 ? <p role="status">{t('mailings.nothingToSend')}</p> : null}
      {state === 'Open' && counts.staged > 0 ? (
        <ReleaseForm
          mailing={mailing}
          pending={under('release')}
          release={(at, leaveOut) => go('release', { expectedLines: counts.received, leaveOut, ...(at ? { at } : {}) })}
        />
      ) : null}
      <div className="row">
        {state === 'Released' ? (
          <Button variant="secondary" loading={under('pause')} onClick={() => go('pause')}>
            {t('mailings.pause')}
          </Button>
        ) : null}
        {state === 'Paused' ? (
          <Button loading={under('resume')} onClick={() => go('resume')}>
            {t('mailings.resume')}
          </Button>
        ) : null}
        <Sure
          variant="tertiary"
          label={t('mailings.cancel')}
          yes={t('mailings.cancelYes')}
          no={t('mailings.cancelNo')}
          isPending={under('cancel')}
          confirm={() => move.mutateAsync({ move: 'cancel' }).then(() => announce(t('mailings.moved.cancel')))}
        >
          <p>{t('mailings.cancelSure', { sent: counts.sent, unsent: counts.unsent })}</p>
        </Sure>
      </div>
    </div>
  );
}

interface ReleaseProps {
  readonly mailing: Mailing;
  readonly pending: boolean;
  readonly release: (at: string | undefined, leaveOut: readonly Doubtful[]) => void;
}

function ReleaseForm({ mailing: { counts, openability }, pending, release }: ReleaseProps) {
  const { t } = useText();
  const [later, setLater] = useState(false);
  const [at, setAt] = useState('');
  const [tried, setTried] = useState(false);
  const [leaveOut, setLeaveOut] = useState<readonly Doubtful[]>([]);
  const count = counts.staged - leaveOut.reduce((sum, each) => sum + openability[each], 0);
  const instant = instantInNorway(at);
  const isComing = instant !== null && Date.parse(instant) > timeNow();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if ((later && !isComing) || count === 0) return;
    release(later && instant !== null ? instant : undefined, leaveOut);
  };
  return (
    <Form className="sheet must-act stack" onSubmit={submit}>
      <Choice openability={openability} leaveOut={leaveOut} change={setLeaveOut} />
      <Fieldset>
        <Fieldset.Legend>{t('mailings.releaseWhen', { count })}</Fieldset.Legend>
        <Radio name="release" value="now" label={t('mailings.releaseNow')} checked={!later} onChange={() => setLater(false)} />
        <Radio name="release" value="later" label={t('mailings.releaseLater')} checked={later} onChange={() => setLater(true)} />
      </Fieldset>
      {later ? (
        <Textfield
          type="datetime-local"
          label={t('mailings.releaseAt')}
          value={at}
          error={tried && !isComing ? t(problemOf(at, instant)) : undefined}
          onChange={(event) => setAt(event.target.value)}
        />
      ) : null}
      {counts.refused > 0 ? <p>{t('mailings.releaseWithout', { count: counts.refused })}</p> : null}
      <p>{t('mailings.noWayBack')}</p>
      <p>
        <Button type="submit" loading={pending} disabled={count === 0}>
          {later ? t('mailings.releaseButtonLater', { count }) : t('mailings.releaseButton', { count })}
        </Button>
      </p>
    </Form>
  );
}

/** What is over would be sent at once, and cannot be called back. */
function problemOf(at: string, instant: string | null): TextKey {
  const wrong = instant === null ? 'field.dateWrong' : 'mailings.releaseAtPast';
  return at === '' ? 'mailings.releaseAtMissing' : wrong;
}

interface ChoiceProps {
  readonly openability: Mailing['openability'];
  readonly leaveOut: readonly Doubtful[];
  readonly change: (leaveOut: readonly Doubtful[]) => void;
}

/** Whether it is sent, too, where nobody may come to open it. What the service refuses is no longer among them. */
function Choice({ openability, leaveOut, change }: ChoiceProps) {
  const { t } = useText();
  const asked = doubtful.filter((each) => openability[each] > 0);
  if (asked.length === 0) return null;
  return (
    <Fieldset>
      <Fieldset.Legend>{t('reach.choice')}</Fieldset.Legend>
      <Fieldset.Description>{t('mailings.choiceMeans')}</Fieldset.Description>
      {asked.map((each) => (
        <Checkbox
          key={each}
          label={t('reach.sendTo', { count: openability[each], what: t(`reach.class.${each}`) })}
          checked={!leaveOut.includes(each)}
          onChange={(event) => change(event.target.checked ? leaveOut.filter((one) => one !== each) : [...leaveOut, each])}
        />
      ))}
    </Fieldset>
  );
}

/** Who can open changes from day to day: computed anew for all that is not sent. */
export function CheckButton({ mailing: { check }, move }: Props) {
  const { t } = useText();
  const busy = check.askedAt !== null && !check.done;
  return (
    <div className="stack-tight">
      {move.error && move.variables?.move === 'check' ? <Trouble error={move.error} /> : null}
      <p className="row">
        <Button
          variant="secondary"
          loading={busy || (move.isPending && move.variables.move === 'check')}
          onClick={() => afterwards(move.mutateAsync({ move: 'check' }), () => announce(t('mailings.moved.check')))}
        >
          {t('mailings.check')}
        </Button>
      </p>
      <p className="quiet" role="status">
        {busy ? t('mailings.checking') : check.done ? t('mailings.checked') : ''}
      </p>
    </div>
  );
}
