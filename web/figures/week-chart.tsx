export interface WeekColumn {
  readonly key: string;
  /** Parts of the column from the bottom, as shares of its height. */
  readonly parts: readonly { readonly name: 'opened' | 'ended' | 'unread' | 'time'; readonly share: number }[];
}

interface Props {
  readonly columns: readonly WeekColumn[];
  /** What the top and the bottom of the scale are. */
  readonly scale: readonly [top: string, bottom: string];
  /** The first and the last week. */
  readonly ends: readonly [first: string, last: string];
}

const wide = 10;
const gap = 3;
const high = 100;

/** A column for each week. The table beside it says the same in numbers, so that this is not read aloud. */
export function WeekChart({ columns, scale, ends }: Props) {
  const width = columns.length * (wide + gap);
  return (
    <div className="week-chart" aria-hidden="true">
      <div className="week-scale">
        <span>{scale[0]}</span>
        <span>{scale[1]}</span>
      </div>
      <svg viewBox={`0 0 ${width} ${high}`} preserveAspectRatio="none" aria-hidden="true">
        {[0, 50, 100].map((y) => (
          <path key={y} className="week-line" d={`M0 ${y}H${width}`} />
        ))}
        {columns.map(({ key, parts }, i) => (
          <g key={key}>
            {stacked(parts).map(({ name, share, y }) => (
              <rect key={name} className={`part-${name}`} x={i * (wide + gap) + gap / 2} y={y} width={wide} height={share * high} />
            ))}
          </g>
        ))}
      </svg>
      <div className="week-ends">
        <span>{ends[0]}</span>
        <span>{ends[1]}</span>
      </div>
    </div>
  );
}

function stacked(parts: WeekColumn['parts']) {
  let y = high;
  return parts
    .filter(({ share }) => share > 0)
    .map((part) => {
      y -= part.share * high;
      return { ...part, y };
    });
}

/** What each way to fill a column means. */
export function Legend({ names }: { readonly names: readonly { readonly part: 'opened' | 'ended' | 'unread'; readonly text: string }[] }) {
  return (
    <ul className="legend">
      {names.map(({ part, text }) => (
        <li key={part}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <rect className={`part-${part}`} x="1" y="1" width="14" height="14" />
          </svg>
          {text}
        </li>
      ))}
    </ul>
  );
}
