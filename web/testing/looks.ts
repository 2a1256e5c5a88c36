import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { TestBrowser } from './browser.ts';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** No violation of WCAG 2.2 AA that a machine can find, and nothing wider than the window. */
export async function assertAccessible(page: Page, what: string): Promise<void> {
  const hasAxe = await page.evaluate(untilStill);
  // Half a megabyte of it is read once for a document. No page has frames: the legacy way is the same, and needs no second page to put them together.
  const axe = new AxeBuilder({ page, ...(hasAxe && { axeSource: 'undefined' }) }).setLegacyMode();
  const { violations } = await axe.options({ runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }).analyze();
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.map(({ html }) => html.slice(0, 200)).join('\n    ')}`,
  );
  assert.deepEqual(found, [], `${what}\n  ${found.join('\n  ')}`);
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide! <= window!, `${what}: ${wide} pixels wide in a window of ${window}`);
}

/** Every table lies within a phone, as cards: nothing is moved sideways. */
export async function assertNothingBeside(page: Page, what: string): Promise<void> {
  const beside = await page
    .locator('.table-scroll')
    .evaluateAll((boxes) =>
      boxes.filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.querySelector('tr')?.textContent ?? ''),
    );
  assert.deepEqual(beside, [], `${what}: wider than a phone`);
}

/** Runs in the page: what fades in is judged when it is there. What moves for ever is not waited for. Says whether this document was judged before. */
async function untilStill(): Promise<boolean> {
  const ending = () => document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
  for (let moving = ending(); moving.length > 0; moving = ending()) {
    await Promise.all(moving.map(({ finished }) => finished.catch(() => undefined)));
    await new Promise(requestAnimationFrame); // what came meanwhile has begun to fade in
  }
  return 'axe' in window;
}

/** Goes on with the Tab key until what has the focus is called so. Fails when it is nowhere. */
export async function tabTo(page: Page, name: string | RegExp, most = 80): Promise<void> {
  const passed: string[] = [];
  for (let press = 0; press < most; press += 1) {
    await page.keyboard.press('Tab');
    const now = await page.evaluate(nameOfFocused);
    if (now !== '' && (typeof name === 'string' ? now.includes(name) : name.test(now))) return;
    passed.push(now.slice(0, 40));
  }
  assert.fail(`${name} is not reached by the Tab key. On the way: ${passed.join(' | ')}`);
}

/** Runs in the page. Where the focus has left every control, the page itself answers for it with all its text: that is no name. */
function nameOfFocused(): string {
  const focused = document.activeElement as HTMLElement | null;
  if (focused === document.body || focused === document.documentElement) return '';
  const label = (focused as HTMLInputElement | null)?.labels?.[0]?.textContent;
  return (focused?.getAttribute('aria-label') ?? label ?? focused?.textContent ?? '').trim();
}

export interface Complaints {
  readonly all: string[];
}

/** What the browser complains of: faults of scripts, and anything that our policy stopped. */
export function listenForComplaints(page: Page): Complaints {
  const all: string[] = [];
  page.on('pageerror', (error) => all.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) all.push(text);
    else if (/Content Security Policy|Warning:/.test(text)) all.push(text);
  });
  return { all };
}

/** A page in a window of its own, with what may go wrong in it among `complaints`. */
export async function openListened(browser: TestBrowser, complaints: Complaints[], options?: BrowserContextOptions): Promise<Page> {
  return listenedTab(await browser.open(options), complaints);
}

/** One more tab of the same person. */
export async function listenedTab(context: BrowserContext, complaints: Complaints[]): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  complaints.push(listenForComplaints(page));
  return page;
}

export function hasFocus(control: Locator): Promise<boolean> {
  return control.evaluate((it) => it === document.activeElement);
}

/** The line at the foot of the window that says what was done. */
export function said(page: Page, text: string | RegExp): Locator {
  return page.locator('.said').filter({ hasText: text });
}

export const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true };
export const english: BrowserContextOptions = { locale: 'en-GB' };
