import { type ReactNode, useEffect, useRef, useState } from 'react';

/** What may be wider than the window: it is moved sideways, also by keyboard, and only then can the focus come to it. */
export function Scrolling({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const look = (): void => setScrolls(box.current !== null && box.current.scrollWidth > box.current.clientWidth);
    const watcher = new ResizeObserver(look);
    watcher.observe(box.current!);
    if (box.current!.firstElementChild) watcher.observe(box.current!.firstElementChild);
    return () => watcher.disconnect();
  }, []);
  return (
    <div ref={box} className="table-scroll" {...(scrolls ? { role: 'group', 'aria-label': label, tabIndex: 0 } : {})}>
      {children}
    </div>
  );
}
