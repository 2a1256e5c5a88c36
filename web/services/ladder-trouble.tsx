import { Refusal } from '../api/ask.ts';
import { type Say, useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Trouble } from '../ui/states.tsx';

/** Faults of a ladder as the server names them, `step: what`, where there are words for them here. */
const faults = [
  ['hears', /must hear of unread post/],
  ['late', /no later than/],
  ['useless', /says nothing to anybody/],
  ['whole', /working days are counted whole/],
] as const;

function faultOf(said: string, t: Say): { readonly text: string; readonly isOurs: boolean } {
  const known = faults.find(([, pattern]) => pattern.test(said));
  if (!known) return { text: plainly(said, 200), isOurs: false };
  const step = /^([a-z][a-z0-9-]*): /.exec(said)?.[1];
  return { text: step ? `${step}: ${t(`fault.${known[0]}`)}` : t(`fault.${known[0]}`), isOurs: true };
}

/** What is wrong with a ladder, step by step; or any other trouble. */
export function LadderTrouble({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
  const { t } = useText();
  if (!(error instanceof Refusal) || error.row !== 'BUD-09609') return <Trouble error={error} {...(again ? { again } : {})} />;
  const said = error.message.replace(/^[^:]*: /, '').split('; ');
  return (
    <div role="alert">
      <p>
        <strong>{t('fault.title')}</strong>
      </p>
      <ul>
        {said.map((each) => {
          const { text, isOurs } = faultOf(each, t);
          return (
            <li key={each} lang={isOurs ? undefined : 'en'} className="wrap">
              {text}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
