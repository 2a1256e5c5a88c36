import { refuse } from '#kernel/refusal.ts';
import { inboxErrors as e } from './errors.ts';
import type { Order, Place } from './store/list.ts';

/** Where a list goes on, as text that says nothing to whoever finds it. */
export function writePlace(order: Order, { at, id, party }: Place): string {
  return Buffer.from(`${order} ${at} ${id} ${party}`).toString('base64url');
}

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const form = new RegExp(`^(newest|oldest|due) (\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z) (${uuid}) (${uuid})$`);

/** Refuses placeNotValid, also for the place of a list in another order. */
export function readPlace(text: string, order: Order): Place {
  const [, of, at, id, party] = form.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? [];
  if (of !== order || Number.isNaN(Date.parse(at!))) throw refuse(e.placeNotValid);
  return { at: at!, id: id!, party: party! };
}
