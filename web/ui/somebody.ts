/** After so long without a key or a touch nobody is taken to be here. */
const awayMillis = 5 * 60_000;

let lastSign = Date.now();
for (const sign of ['pointerdown', 'keydown', 'scroll'] as const) {
  addEventListener(sign, () => (lastSign = Date.now()), { passive: true, capture: true });
}

/** Whether the page is looked at: one that is only open must not ask on and on, or its session would never end. */
export function isSomebodyHere(): boolean {
  return document.visibilityState === 'visible' && Date.now() - lastSign < awayMillis;
}
