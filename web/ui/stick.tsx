import { useText } from './language.ts';
import type { Notch } from './notches.ts';

const rowHeight = 84;
const centre = 20;
const marks = { width: 56, stem: 18, notch: 20 } as const;

/**
 * A message's life as an upright stick, newest at the top, a notch for every event; notches to come are hollow, and
 * where it has stopped is ember and wider. Beside it stands the same as a list, which is what screen readers hear.
 */
export function Stick({ notches, label }: { readonly notches: readonly Notch[]; readonly label: string }) {
  const { t } = useText();
  const height = notches.length * rowHeight;
  return (
    <div className="stick-and-list">
      <svg className="stick" width={marks.width} height={height} viewBox={`0 0 ${marks.width} ${height}`} aria-hidden="true">
        <line x1={marks.stem} y1={4} x2={marks.stem} y2={height - 4} stroke="currentColor" strokeWidth="6" strokeLinecap="round" />
        {notches.map(({ id, state }, index) => (
          <Mark key={id} y={index * rowHeight + centre} state={state} />
        ))}
      </svg>
      <ol className="notches" aria-label={label} reversed>
        {notches.map(({ id, title, when, more, state }) => (
          <li
            key={id}
            className={state === 'to-come' ? 'notch-to-come' : undefined}
            aria-current={state === 'stopped' ? 'step' : undefined}
          >
            <p>
              <strong>{title}</strong> {state === 'to-come' ? <span>({t('stick.toCome')})</span> : null}
              {state === 'stopped' ? <span>({t('stick.stopped')})</span> : null}
            </p>
            {when ? <p className="quiet">{when}</p> : null}
            {more ? <p className="quiet">{more}</p> : null}
          </li>
        ))}
      </ol>
    </div>
  );
}

function Mark({ y, state }: { readonly y: number; readonly state: Notch['state'] }) {
  const x = marks.stem;
  const line = `M${x} ${y}h${marks.notch}`;
  if (state === 'to-come') {
    return (
      <g>
        <path d={line} stroke="currentColor" strokeWidth="8" strokeLinecap="round" />
        <path d={line} className="paper" stroke="currentColor" strokeWidth="4" strokeLinecap="round" />
      </g>
    );
  }
  if (state === 'stopped') {
    return (
      <g className="ember">
        <path d={`${line}h8`} stroke="currentColor" strokeWidth="10" strokeLinecap="round" />
        <circle cx={x} cy={y} r="9" fill="currentColor" />
      </g>
    );
  }
  return (
    <path
      d={line}
      className={state === 'settled' ? 'moss' : undefined}
      stroke="currentColor"
      strokeWidth={state === 'settled' ? 10 : 6}
      strokeLinecap="round"
    />
  );
}
