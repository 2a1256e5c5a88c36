import { join } from 'node:path';
import type { StoreSettings } from './blobs/index.ts';
import { StartError } from './kernel/start-error.ts';
import { wrongOfRelay } from './relay-settings.ts';
import { Unreadable } from './setting-readers.ts';
import { type Config, type Mode, type Setting, type SettingName, settingPrefix, settings } from './settings.ts';

export type { Config, ConfiguredIssuer, ConfiguredLogin, Mode } from './settings.ts';

/**
 * The settings from the environment. Refuses (StartError) an unknown `BUDSTIKKE_*`, a value that cannot be read, and in
 * production whatever is missing; all of it at once, each with its name. An empty value counts as not set.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.entries(env).filter(([name, value]) => name.startsWith(settingPrefix) && value !== undefined && value !== '');
  const wrong: string[] = [];
  for (const [name] of given) {
    if (!(name.slice(settingPrefix.length) in settings))
      wrong.push(`${name} is not a setting of Budstikke; docs/configuration.md lists those there are.`);
  }

  const values = new Map<string, unknown>();
  for (const [name, value] of given) {
    const row = settings[name.slice(settingPrefix.length) as SettingName] as Setting<unknown> | undefined;
    if (!row) continue;
    try {
      values.set(name.slice(settingPrefix.length), row.read(value!.trim()));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      wrong.push(`${name} ${error.message}.`);
    }
  }

  const mode = (values.get('MODE') as Mode | undefined) ?? 'sandbox';
  for (const [name, row] of Object.entries(settings) as [SettingName, Setting<unknown>][]) {
    if (values.has(name) || wrong.some((line) => line.startsWith(`${settingPrefix}${name} `))) continue;
    const otherwise = row[mode];
    const isRequired =
      mode === 'production' && otherwise === 'required' && (row.unless === undefined || values.get(row.unless) === undefined);
    if (isRequired) wrong.push(`${settingPrefix}${name} is missing: ${lowerFirst(row.meaning)}`);
    values.set(name, otherwise === 'required' ? undefined : otherwise);
  }
  if (mode === 'production' && values.get('OPERATOR') === 'anybody')
    wrong.push(`${settingPrefix}OPERATOR names an organization in production.`);
  wrong.push(
    ...wrongOfStore((name) => values.get(name)),
    ...wrongOfRegister((name) => values.get(name)),
    ...wrongOfRelay((name) => values.get(name)),
  );
  if (wrong.length > 0) throw new StartError(wrong.join('\n'));
  return Object.fromEntries(values) as unknown as Config;
}

/** Where the bytes lie, unless in an object store. */
export const blobDirectory = ({ BLOB_DIR, DATA_DIR }: Config): string => BLOB_DIR ?? join(DATA_DIR, 'blobs');

/** The store of bytes that the settings name. */
export function storeOf(config: Config): StoreSettings {
  const { S3_BUCKET: bucket, S3_KEY: key = '', S3_SECRET: secret = '', ENCRYPTION_KEYS: keys } = config;
  if (bucket === undefined) return { place: { directory: blobDirectory(config) }, keys };
  const s3 = {
    bucket,
    key,
    secret,
    endpoint: config.S3_ENDPOINT,
    region: config.S3_REGION,
    pathStyle: config.S3_PATH_STYLE,
    prefix: config.S3_PREFIX ?? '',
    spoolDirectory: config.S3_SPOOL_DIR ?? join(config.DATA_DIR, 'spool'),
  };
  return { place: { s3 }, keys };
}

/** What of an object store is named must be named in whole, and no second place beside it. */
function wrongOfStore(given: (name: SettingName) => unknown): string[] {
  if (given('S3_BUCKET') === undefined) {
    const without = (['S3_ENDPOINT', 'S3_KEY', 'S3_SECRET'] as const).filter((name) => given(name) !== undefined);
    return without.map((name) => `${settingPrefix}${name} is set, but ${settingPrefix}S3_BUCKET is missing.`);
  }
  const missing = (['S3_KEY', 'S3_SECRET'] as const).filter((name) => given(name) === undefined);
  return [
    ...missing.map((name) => `${settingPrefix}${name} is missing: ${lowerFirst(settings[name].meaning)}`),
    ...(given('BLOB_DIR') === undefined
      ? []
      : [`${settingPrefix}BLOB_DIR and ${settingPrefix}S3_BUCKET name two places for the same bytes. Choose one of them.`]),
  ];
}

/** A contact register is asked with a client of our own, or not at all. */
function wrongOfRegister(given: (name: SettingName) => unknown): string[] {
  if (given('KRR_URL') === undefined) return [];
  const missing = (['KRR_CLIENT_ID', 'KRR_KEY', 'KRR_KEY_ID'] as const).filter((name) => given(name) === undefined);
  return missing.map((name) => `${settingPrefix}${name} is missing: ${lowerFirst(settings[name].meaning)}`);
}

const lowerFirst = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);
