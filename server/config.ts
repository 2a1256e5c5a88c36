import { join } from 'node:path';
import { StartError } from './kernel/start-error.ts';
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
    if (mode === 'production' && otherwise === 'required') wrong.push(`${settingPrefix}${name} is missing: ${lowerFirst(row.meaning)}`);
    values.set(name, otherwise);
  }
  if (wrong.length > 0) throw new StartError(wrong.join('\n'));
  return Object.fromEntries(values) as unknown as Config;
}

/** Where the bytes lie. */
export const blobDirectory = ({ BLOB_DIR, DATA_DIR }: Config): string => BLOB_DIR ?? join(DATA_DIR, 'blobs');

const lowerFirst = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);
