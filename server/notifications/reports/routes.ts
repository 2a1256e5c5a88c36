import { buffer } from 'node:stream/consumers';
import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { type AnyRoute, route, type Scope } from '#kernel/route.ts';
import { Nullable, personal, Uuid } from '#kernel/schema.ts';
import { notificationErrors as e } from '../errors.ts';
import { readBounce } from './read-bounce.ts';
import { settleReports } from './settle-reports.ts';

/** For whoever brings word of a carrier: the gateway itself, or the mail server that bounces come to. */
const carriers: Scope = [{ issuer: 'maskinporten', all: ['budstikke:notifications.report'] }];
const base = '/budstikke/v1/notifications';
const Settled = Type.Object({ settled: Type.Integer() });
const optional = <T extends Type.TSchema>(schema: T) => Type.Optional(Nullable(schema));

const Reports = Type.Object({
  reports: Type.Array(
    Type.Object({
      /** The id that the gateway was given; or the Message-ID of a mail. */
      notice: optional(Uuid),
      messageId: optional(Type.String({ maxLength: 300 })),
      outcome: Type.Union([Type.Literal('delivered'), Type.Literal('failed')]),
      reason: optional(Type.Union([Type.Literal('address-rejected'), Type.Literal('mailbox-full'), Type.Literal('carrier-refused')])),
      /** The carrier's own words. */
      answer: optional(personal(Type.String({ maxLength: 2000 }))),
    }),
    { maxItems: 1000 },
  ),
});

export const notificationRoutes: readonly AnyRoute<Context>[] = [
  route({
    method: 'POST',
    path: `${base}/reports`,
    summary: 'What has become of notices that a carrier took: delivered, or failed and why. Tells how many were waiting for it.',
    scope: carriers,
    body: Reports,
    answers: { 200: Settled },
    refusals: [],
    run: async (ctx: Context, _caller, { body }) => ({
      settled: await settleReports(
        ctx,
        body.reports.map(({ notice = null, messageId = null, outcome, reason = null, answer = null }) => ({
          notice,
          messageId,
          outcome,
          reason,
          answer,
        })),
      ),
    }),
  }),
  route({
    method: 'POST',
    path: `${base}/bounces`,
    summary: 'A mail that tells that a notice could not be delivered, as it came (RFC 3464).',
    scope: carriers,
    bodyKind: 'bytes',
    bodyType: 'message/rfc822',
    maxBodyBytes: 1_000_000,
    answers: { 200: Settled },
    refusals: [e.notABounce],
    run: async (ctx: Context, _caller, { stream }) => {
      const reports = await readBounce(await buffer(stream));
      if (!reports) throw refuse(e.notABounce);
      return { settled: await settleReports(ctx, reports) };
    },
  }),
];
