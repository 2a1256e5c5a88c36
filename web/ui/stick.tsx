import { useText } from './language.ts';
import type { Notch } from './notches.ts';

/** Where the stem stands and where a notch is cut, in pixels from the row's corner. */
const stem = 18;
const cut = 20;
const notchLength = 20;

/**
 * A message's life as an upright stick, newest at the top, a notch for every event; notches to come are hollow, and
 * where it has stopped is ember and wider. Each piece of it stands beside its words in a list, which is what screen readers hear.
 */
export function Stick({ notches, label }: { readonly notches: readonly Notch[]; readonly label: string }) {
  const { t } = useText();
  return (
    <ol className="notches" aria-label={label} reversed>
      {notches.map(({ id, title, when, more, state }) => (
        <li key={id} className={state === 'to-come' ? 'notch-to-come' : undefined} aria-current={isHere(state) ? 'step' : undefined}>
          <svg className="stick" aria-hidden="true">
            <line x1={stem} y1="0" x2={stem} y2="100%" stroke="currentColor" strokeWidth="6" />
            <Mark state={state} />
          </svg>
          <p>
            <strong>{title}</strong> {state === 'to-come' ? <span>({t('stick.toCome')})</span> : null}
            {isHere(state) ? <span>({t('stick.stopped')})</span> : null}
          </p>
          {when ? <p className="quiet">{when}</p> : null}
          {more ? <p className="quiet">{more}</p> : null}
        </li>
      ))}
    </ol>
  );
}

function isHere(state: Notch['state']): boolean {
  return state === 'here' || state === 'stopped';
}

function Mark({ state }: { readonly state: Notch['state'] }) {
  const line = `M${stem} ${cut}h${notchLength}`;
  if (state === 'to-come') {
    return (
      <g strokeLinecap="round">
        <path d={line} stroke="currentColor" strokeWidth="8" />
        <path d={line} className="paper" stroke="currentColor" strokeWidth="4" />
      </g>
    );
  }
  if (state === 'stopped') {
    return (
      <g className="ember" strokeLinecap="round">
        <path d={`${line}h8`} stroke="currentColor" strokeWidth="10" />
        <circle cx={stem} cy={cut} r="9" fill="currentColor" />
      </g>
    );
  }
  return (
    <path
      d={line}
      className={state === 'settled' ? 'moss' : undefined}
      stroke="currentColor"
      strokeWidth={state === 'settled' || state === 'here' ? 10 : 6}
      strokeLinecap="round"
    />
  );
}
