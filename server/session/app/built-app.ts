import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** A file of the built web app, as it lies in memory. */
export interface BuiltFile {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Buffer;
  /** Where it is smaller so. */
  readonly gzip?: Buffer;
  readonly br?: Buffer;
}

export interface BuiltApp {
  /** The page; undefined while the app is not built. */
  page(): Promise<BuiltFile | undefined>;
  /** A file by its path below the folder, with slashes; undefined for anything that the build did not make. */
  file(path: string): Promise<BuiltFile | undefined>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};
const isText = (type: string): boolean => /^(?:text|application)\/|svg/.test(type);

const [toGzip, toBrotli] = [promisify(gzip), promisify(brotliCompress)];
/** A build is a few megabytes; what is larger is not one. */
const mostBytes = 64 * 1024 * 1024;

/**
 * The built app from a folder, read whole when it is asked for first and again after a new build: a request never opens a file by a
 * name that it brings. Files of a type that the app has no use for (source maps, `.built`) are not served.
 */
export function builtApp(folder: string): BuiltApp {
  let kept: { readonly builtAt: number; readonly files: Promise<ReadonlyMap<string, BuiltFile>> } | undefined;

  async function files(): Promise<ReadonlyMap<string, BuiltFile>> {
    const builtAt = await stat(join(folder, 'index.html')).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (builtAt === undefined) return new Map();
    if (kept?.builtAt !== builtAt) kept = { builtAt, files: readAll(folder) };
    try {
      return await kept.files;
    } catch (error) {
      kept = undefined;
      throw error;
    }
  }

  return {
    page: async () => (await files()).get('index.html'),
    file: async (path) => (path === 'index.html' ? undefined : (await files()).get(path)),
  };
}

async function readAll(folder: string): Promise<ReadonlyMap<string, BuiltFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const read = new Map<string, BuiltFile>();
  let total = 0;
  for (const entry of entries) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const whole = join(entry.parentPath, entry.name);
    const bytes = await readFile(whole);
    total += bytes.length;
    if (total > mostBytes) throw new Error(`the built web app holds more than ${mostBytes} bytes`);
    read.set(relative(folder, whole).split(sep).join('/'), await fileOf(bytes, type));
  }
  return read;
}

async function fileOf(bytes: Buffer, type: string): Promise<BuiltFile> {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
  if (!isText(type) || bytes.length < 500) return { type, etag, bytes };
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  const [zipped, br] = await Promise.all([toGzip(bytes, { level: 9 }), toBrotli(bytes, quality)]);
  return { type, etag, bytes, ...(zipped.length < bytes.length ? { gzip: zipped } : {}), ...(br.length < bytes.length ? { br } : {}) };
}
