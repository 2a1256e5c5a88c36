import { useEffect } from 'react';

const pressable = 'a, button, input, select, textarea, summary, label, [tabindex]';

/**
 * The focus never falls out of the page: where what had it is taken away (a button that did its work, a card that is
 * settled), it goes to the nearest heading that still stands, from where the Tab key goes on. A page that knows a
 * better place puts it there itself.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let path: readonly Element[] = [];
    let soon: ReturnType<typeof setTimeout> | undefined;
    const remember = ({ target }: FocusEvent): void => {
      path = target instanceof Element ? withAncestors(target) : [];
    };
    // Who presses beside everything wants the focus nowhere.
    const forget = ({ target }: PointerEvent): void => {
      if (target instanceof Element && !target.closest(pressable)) path = [];
    };
    const look = (): void => {
      const [had] = path;
      if (!had || !isNowhere() || (had.isConnected && !had.matches(':disabled'))) return;
      nearestTo(path)?.focus({ preventScroll: true });
    };
    const watcher = new MutationObserver(() => {
      clearTimeout(soon);
      soon = setTimeout(look);
    });
    document.addEventListener('focusin', remember);
    document.addEventListener('pointerdown', forget);
    watcher.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled'] });
    return () => {
      clearTimeout(soon);
      watcher.disconnect();
      document.removeEventListener('focusin', remember);
      document.removeEventListener('pointerdown', forget);
    };
  }, []);
}

function isNowhere(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

function withAncestors(element: Element): Element[] {
  const all: Element[] = [];
  for (let each: Element | null = element; each; each = each.parentElement) all.push(each);
  return all;
}

/** The heading of the nearest thing around it that is still there, else the page itself. */
function nearestTo(path: readonly Element[]): HTMLElement | null {
  const main = document.querySelector('main');
  for (const each of path) {
    if (!each.isConnected || !main?.contains(each)) continue;
    const heading = each.querySelector<HTMLElement>('h1, h2, h3');
    if (!heading) continue;
    if (!heading.hasAttribute('tabindex')) heading.tabIndex = -1;
    return heading;
  }
  return main?.querySelector<HTMLElement>('h1[tabindex]') ?? main;
}
