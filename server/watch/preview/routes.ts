import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route, type Scope } from '#kernel/route.ts';
import type { Addresses } from '#notifications/index.ts';
import { ladderErrors as e } from '../ladders/errors.ts';
import { previewNotice } from './preview-notice.ts';
import { NoticePreview, NoticePreviewRequest } from './wire.ts';

/** Who may send, letters or files. */
const senders: Scope = [
  { issuer: 'altinn', all: ['altinn:correspondence.write'] },
  { issuer: 'altinn', all: ['altinn:broker.write'] },
  { issuer: 'maskinporten', all: ['altinn:serviceowner', 'altinn:correspondence.write'] },
  { issuer: 'maskinporten', all: ['altinn:broker.write'] },
];

export const previewRoutes: readonly AnyRoute[] = [
  route({
    method: 'POST',
    path: '/budstikke/v1/notices/preview',
    summary: 'What a notice of post on a service would say, by e-mail and SMS, in each language. Nothing is sent or stored.',
    scope: senders,
    body: NoticePreviewRequest,
    answers: { 200: NoticePreview },
    refusals: [e.mayNotSendOn],
    run: (ctx: Context & { readonly addresses: Addresses }, caller, { body }) => previewNotice(ctx, caller, body),
  }),
];
