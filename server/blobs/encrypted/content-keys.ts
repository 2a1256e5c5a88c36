import type { Rewrap } from './rotate-keys.ts';
import { type KeptContentKey, lockContentKeys, saveRewrappedContentKeys } from './store.ts';

/** What a content key is wrapped for: it opens for no other id, and for no blob. */
export const contentKeyPlace = (id: string): string => `content key ${id}`;

/** Content keys wrapped anew: so few that all of a country's post is rotated in seconds. */
export const rewrapContentKeys: Rewrap = async (tx, { keyId, after, limit }, anew) => {
  const rows = await lockContentKeys(tx, keyId, { after, limit });
  const opened = rows.map((row) => ({ row, wrapped: anew(row, contentKeyPlace(row.id)) }));
  const whole = opened.flatMap(({ row, wrapped }): KeptContentKey[] => (wrapped ? [{ id: row.id, ...wrapped }] : []));
  await saveRewrappedContentKeys(tx, whole);
  const damaged = opened.flatMap(({ row, wrapped }) => (wrapped ? [] : [row.id]));
  return { rewrapped: whole.length, damaged, last: rows.length < limit ? undefined : rows.at(-1)?.id };
};
