import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * A part of the address space that a library answers by itself, with Node's own request and answer: every method and every
 * path below `path`, the body unread. It must end each answer; what it throws becomes a 500.
 */
export interface Mount {
  /** `/idporten`, without a slash at its end. */
  readonly path: string;
  /** This path itself, and nothing below it. */
  readonly only?: true;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}
