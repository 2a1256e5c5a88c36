import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { holdLock } from './build-lock.ts';

const web = fileURLToPath(new URL('.', import.meta.url));

/** Where the built app lies. */
export const webDist = join(web, 'dist');

const lockFile = join(web, '.building');
const waitMillis = 100;

/**
 * Sees to it that `web/dist` is made from the sources as they are, and gives its path. Quick when it is: the hash of
 * the sources stands in `dist/.built`. Any number of processes may ask at once: one builds, the others wait for it.
 * Where Vite is not installed (production without its development packages), what is built already is taken as it is.
 */
export async function ensureWebBuilt(): Promise<string> {
  const wanted = hashOfSources();
  while (!(await isBuilt(wanted))) {
    if (!existsSync(join(web, '../node_modules/vite'))) return takeWhatThereIs();
    const release = await holdLock(lockFile);
    if (!release) {
      await sleep(waitMillis);
      continue;
    }
    try {
      if (!(await isBuilt(wanted))) await buildAside(wanted);
    } finally {
      await release();
    }
  }
  return webDist;
}

async function isBuilt(wanted: string): Promise<boolean> {
  return (await readFile(join(webDist, '.built'), 'utf8').catch(() => '')) === wanted;
}

function takeWhatThereIs(): string {
  if (existsSync(join(webDist, 'index.html'))) return webDist;
  throw new Error('The web app is not built, and Vite, which builds it, is not installed. Run npm ci && npm run build.');
}

/** Every file that the app is made of, and the versions of what it is made with. */
function hashOfSources(): string {
  const files = globSync('**/*.{ts,tsx,css,json,html,svg}', {
    cwd: web,
    exclude: (path) => /^(dist|screenshots|testing|\.new-)/.test(path) || path.endsWith('.test.ts'),
  }).sort();
  const hash = createHash('sha256');
  for (const file of [
    ...files.map((each) => join(web, each)),
    join(web, '../server/kernel/spreadsheet.ts'),
    join(web, '../server/kernel/laborious.ts'),
    join(web, '../package-lock.json'),
  ]) {
    hash.update(file.slice(web.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/** Builds beside the old one and changes them in the end: whoever serves the old one meanwhile has it whole. */
async function buildAside(hash: string): Promise<void> {
  const [fresh, old] = [join(web, `.new-${randomUUID()}`), join(web, `.new-${randomUUID()}`)];
  try {
    await runVite(fresh);
    await mkdir(fresh, { recursive: true });
    await writeFile(join(fresh, '.built'), hash);
    await exchange(fresh, old);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Vite in a process of its own: what it takes of memory goes with it, and it finds the environment that it wants. */
async function runVite(outDir: string): Promise<void> {
  const env = { ...process.env, NODE_ENV: 'production' };
  const child: ChildProcess = spawn(process.execPath, [fileURLToPath(import.meta.url), outDir], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) throw new Error(`The web app could not be built (${code ?? signal}):\n${said.slice(-4000)}`);
}

/** Puts the new one in the place of the old. Another builder may do so between our two steps: then once more. */
async function exchange(fresh: string, old: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await rename(webDist, `${old}-${attempt}`).then(
      () => rm(`${old}-${attempt}`, { recursive: true, force: true }),
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      },
    );
    try {
      return await rename(fresh, webDist);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (attempt === 5 || (code !== 'ENOTEMPTY' && code !== 'EEXIST')) throw error;
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const outDir = process.argv[2];
  if (outDir) {
    const [{ build }, { viteConfig }] = await Promise.all([import('vite'), import('./vite.config.ts')]);
    await build(viteConfig(outDir));
  } else {
    console.log(await ensureWebBuilt());
  }
}
