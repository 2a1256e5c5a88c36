/** How far something has come on its way, and whether it is done. */
export interface Way {
  readonly notches: number;
  readonly cut: number;
  readonly settled: boolean;
  /** Nobody must act yet: it goes on by itself. */
  readonly isOnItsWay?: boolean;
}

const apart = 24;
const start = 10;
const stem = 14;

/** The stick, small and lying, newest to the right: a notch for each step that was taken, hollow for those to come. The words stand beside it. */
export function LyingStick({ notches, cut, settled, isOnItsWay = false }: Way) {
  const width = start * 2 + apart * Math.max(notches - 1, 1);
  return (
    <svg className="stick-lying" viewBox={`0 0 ${width} 20`} preserveAspectRatio="xMinYMid" aria-hidden="true" strokeLinecap="round">
      <path d={`M2 ${stem}H${width - 2}`} stroke="currentColor" strokeWidth="4" />
      {Array.from({ length: notches }, (_, i) => {
        const line = `M${start + i * apart} ${stem}v-9`;
        const isLast = i === cut - 1;
        if (i >= cut) {
          return (
            <g key={line}>
              <path d={line} stroke="currentColor" strokeWidth="5" />
              <path d={line} className="paper" stroke="currentColor" strokeWidth="2.5" />
            </g>
          );
        }
        return (
          <path
            key={line}
            d={line}
            className={isLast ? (settled ? 'moss' : isOnItsWay ? undefined : 'ember') : undefined}
            stroke="currentColor"
            strokeWidth={isLast ? 7 : 4}
          />
        );
      })}
    </svg>
  );
}
