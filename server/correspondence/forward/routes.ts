import Type from 'typebox';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import { downloadHeaders } from '../attachments/file-name.ts';
import type { CorrespondenceContext } from '../context.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { policies } from '../policies.ts';
import { seenIfRefused } from '../read/note-refused.ts';
import { BareId, CorrespondenceParams } from '../wire.ts';
import { checkForwarding } from './check-forwarding.ts';
import { forwardErrors } from './errors.ts';
import { linkPath } from './file-links.ts';
import { forwardMessage } from './forward-message.ts';
import { openFileLink } from './open-file-link.ts';
import { ForwardingCheck, ForwardRequest, LinkParams } from './wire.ts';

const base = '/correspondence/api/v1/correspondence';

export const forwardRoutes: readonly AnyRoute[] = [
  route({
    method: 'POST',
    path: `${base}/:correspondenceId/forward`,
    cors: true,
    summary: 'The recipient sends a letter on to an e-mail address.',
    scope: policies.recipient,
    params: CorrespondenceParams,
    body: ForwardRequest,
    maxBodyBytes: 64 * 1024,
    answers: { 200: BareId },
    refusals: [
      e.correspondenceNotFound,
      e.noAccess,
      e.customEmailInvalid,
      e.forwardAddressTooLong,
      e.forwardingNotAllowed,
      e.forwardingTextTooLong,
      e.forwardingTextNotPlain,
      e.forwardBeforeRead,
      e.alreadyForwarded,
      e.callerUnknown,
      e.callerPartyNotFound,
    ],
    run: (ctx: CorrespondenceContext, caller, { params: { correspondenceId: id }, body }) =>
      seenIfRefused(ctx, caller, id, 'forward', () => forwardMessage(ctx, caller, id, body)),
  }),
  route({
    method: 'GET',
    path: `${base}/:correspondenceId/forward/check`,
    cors: true,
    summary: 'Whether an inbox may offer to send a letter on.',
    scope: policies.forwardCheck,
    params: CorrespondenceParams,
    answers: { 200: ForwardingCheck },
    refusals: [e.correspondenceNotFound],
    run: (ctx: CorrespondenceContext, _, { params }) => checkForwarding(ctx, params.correspondenceId),
  }),
  route({
    method: 'GET',
    path: `${linkPath}/:token`,
    givesFile: true,
    summary: 'A file of a letter that was sent on, by the link in the mail.',
    scope: 'open',
    params: LinkParams,
    mediaType: 'application/octet-stream',
    anyAccept: true,
    answers: { 200: Type.String({ format: 'binary' }) },
    refusals: [forwardErrors.linkNotValid],
    run: async (ctx: CorrespondenceContext, _, { params }) => {
      const { fileName, sizeBytes, stream } = await openFileLink(ctx, params.token);
      return new Reply(200, stream, {
        ...downloadHeaders(fileName),
        'content-length': String(sizeBytes),
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex',
      });
    },
  }),
];
