import { resolve } from 'node:path';
import { type Setting, type SettingName, settingPrefix, settings } from '../server/settings.ts';

/** The page about settings, for `docs/configuration.md`. */
export function printConfiguration(): string {
  const shown = (value: unknown): string => {
    if (value === 'required') return '**required**';
    if (value === undefined) return '–';
    if (typeof value === 'boolean') return value ? '`on`' : '`off`';
    if (Array.isArray(value)) return value.length > 0 ? `\`${value.join(',')}\`` : '`none`';
    return `\`${String(value).startsWith(resolve('.')) ? `.${String(value).slice(resolve('.').length)}` : value}\``;
  };
  const rows = (Object.entries(settings) as [SettingName, Setting<unknown>][]).map(
    ([name, s]) =>
      `| \`${settingPrefix}${name}\` | ${s.type} | ${shown(s.sandbox)} | ${shown(s.production)} | ${s.meaning}${s.secret ? ' *Secret.*' : ''} |`,
  );
  return `<!-- Printed from server/settings.ts and carrier-settings.ts by npm run print. -->
# Settings

Read from the environment. A variable that begins with \`${settingPrefix}\` and is not listed here stops the start, and so does a value that cannot be read. In \`production\` everything marked required must be set; what is missing is named all at once.

| setting | value | sandbox | production | meaning |
|---|---|---|---|---|
${rows.join('\n')}
`;
}
