import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { holdLock } from '../build-lock.ts';

/** What Chromium is started with: nothing that asks the network for anything but the page. */
const launchArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A page that a slow or shared machine draws in a while is not missing. */
const patienceMillis = 90_000;

export interface TestBrowser {
  /** A browser window of its own: no cookies, nothing remembered. */
  open(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** Closes all windows, after each test: what is left open goes on asking, and takes its turns from the next. */
  closeWindows(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the Chromium that comes with the packages, or the installed one on machines that those do not fit. */
export async function startBrowser(): Promise<TestBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'budstikke-browser-'));
  const browser = await chromium.launch({
    executablePath: await findChromium(),
    args: launchArguments,
    headless: true,
    // Without a locale Chromium takes names of files for ASCII, and one with an å is not found.
    env: { ...process.env, HOME: profile, LC_ALL: 'C.UTF-8' },
  });
  const closeWindow = async (context: BrowserContext): Promise<void> => {
    // A request that a test answers itself may be under way.
    await Promise.all(context.pages().map((page) => page.unrouteAll({ behavior: 'ignoreErrors' })));
    await context.close();
  };
  return {
    async open(options = {}) {
      const usual = { locale: 'nb-NO', timezoneId: 'Europe/Oslo', viewport: { width: 1280, height: 900 } };
      const context = await browser.newContext({ ...usual, ...options });
      context.setDefaultTimeout(patienceMillis);
      return context;
    },
    closeWindows: async () => void (await Promise.all(browser.contexts().map(closeWindow))),
    close: async () => {
      await browser.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

const waitMillis = 100;

/** Where it lies. Unpacked the first time on a machine, which takes some seconds. */
export async function findChromium(): Promise<string> {
  const installed = '/usr/bin/chromium';
  if (process.arch !== 'x64' && existsSync(installed)) return installed;
  // The package brings the libraries that Chromium needs only where it takes itself to be in a Lambda function.
  process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs24.x';
  const { default: packed } = await import('@sparticuz/chromium');
  // It takes a file that is being unpacked for one that is: of two who come first, one unpacks it.
  for (;;) {
    const release = await holdLock(join(tmpdir(), 'budstikke-chromium.unpacking'));
    if (!release) {
      await sleep(waitMillis);
      continue;
    }
    try {
      return await packed.executablePath();
    } finally {
      await release();
    }
  }
}
