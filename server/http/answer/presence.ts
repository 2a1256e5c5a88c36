import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ClientGone } from '#kernel/client-gone.ts';
import type { Caller } from '#kernel/context.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import type { Place, Places } from '#kernel/places.ts';
import { hasEnded } from './unacknowledged.ts';

/** Of requests for files that were sent ahead on one connection: so many wait for those before them. */
const mostBehind = 100;
const retryAfterSeconds = 5;

const lastOf = new WeakMap<Socket, ServerResponse>();
const turns = new WeakMap<IncomingMessage, Promise<void>>();
const behind = new WeakMap<Socket, number>();

/** To be told of each request as it comes: its answer is written when those before it on its connection are out. */
export function noteTurn(request: IncomingMessage, response: ServerResponse): void {
  const before = lastOf.get(request.socket);
  lastOf.set(request.socket, response);
  if (!before || response.socket !== null) return;
  before.setMaxListeners(0); // what writes a stream has ten already
  turns.set(request, new Promise((resolve) => before.once('close', resolve)));
}

/** Until nothing stands before its answer. Overloaded when too many wait on its connection, ClientGone when that ends before. */
export async function itsTurn(request: IncomingMessage): Promise<void> {
  const turn = turns.get(request);
  if (!turn) return;
  const { socket } = request;
  const many = behind.get(socket) ?? 0;
  if (many >= mostBehind) throw new Overloaded(retryAfterSeconds, 'Too many files are asked for ahead on one connection.');
  behind.set(socket, many + 1);
  await Promise.race([turn, new Promise((resolve) => request.once('close', resolve))]);
  behind.set(socket, behind.get(socket)! - 1);
  if (isGone(request)) throw new ClientGone();
}

/** A place for what is to be received or given, if the client is still there when it comes. */
export async function placeFor(request: IncomingMessage, caller: Caller, places: Places): Promise<Place> {
  const place = await places.enter(caller, request);
  // who sends more than is read ahead is not heard to go
  const hasLeft = isGone(request) || (place.hasWaited && !request.complete && (await hasEnded(request.socket)));
  if (!hasLeft && !isGone(request)) return place;
  place.leave();
  throw new ClientGone();
}

/** A connection that we end after the answer before has nobody for this one. */
function isGone({ destroyed, socket }: IncomingMessage): boolean {
  return destroyed || socket.destroyed || socket.writableEnded;
}
