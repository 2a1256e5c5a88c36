import type { Caller } from '#kernel/context.ts';
import type { AnyRoute } from '#kernel/route.ts';
import { openWire } from './wire.ts';
import type { World } from './world.ts';

export interface Said {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  readonly body: any;
}

/** Routes behind a socket, for tests that read answers as JSON. Callers may be added later on. */
export async function talkTo(
  world: World,
  routes: readonly AnyRoute[],
  callers: Record<string, Caller>,
): Promise<(method: string, path: string, by: string, body?: unknown) => Promise<Said>> {
  const wire = await openWire(world, callers, routes);
  return async (method, path, by, body) => {
    const { status, text } = await wire.send(method, path, by, body);
    return { status, body: text === '' ? undefined : JSON.parse(text) };
  };
}
