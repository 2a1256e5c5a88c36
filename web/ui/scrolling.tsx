import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useText } from './language.ts';
import './cards.css';

/** What may be wider than the window: it is moved sideways, also by keyboard, and only then can the focus come to it. */
export function Scrolling({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const { t } = useText();
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const look = (): void => setScrolls(box.current !== null && box.current.scrollWidth > box.current.clientWidth);
    const watcher = new ResizeObserver(look);
    watcher.observe(box.current!);
    if (box.current!.firstElementChild) watcher.observe(box.current!.firstElementChild);
    return () => watcher.disconnect();
  }, []);
  return (
    <div className="scrolling">
      {scrolls ? (
        <p className="quiet scrolling-says" aria-hidden>
          {t('ui.sideways')}
        </p>
      ) : null}
      <div ref={box} className="table-scroll" {...(scrolls ? { role: 'group', 'aria-label': label, tabIndex: 0 } : {})}>
        {children}
      </div>
    </div>
  );
}
