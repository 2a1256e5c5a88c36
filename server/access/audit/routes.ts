import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route, type TokenRule } from '#kernel/route.ts';
import { accessErrors } from '../errors.ts';
import { auditErrors as e } from './errors.ts';
import { auditorScope, showAudit, showWhoHasSeen } from './show-audit.ts';
import { AuditPage, AuditQuery, MessageParams, MessageQuery } from './wire.ts';

const readersOfLogs: readonly TokenRule[] = [
  { issuer: 'altinn', all: ['altinn:portal/enduser'] },
  { issuer: 'altinn', all: ['altinn:enduser'] },
  { issuer: 'altinn', all: ['altinn:correspondence.read'] },
  { issuer: 'altinn', all: [auditorScope] },
  { issuer: 'maskinporten', all: [auditorScope] },
];

export const auditRoutes: readonly AnyRoute<Context>[] = [
  route({
    method: 'GET',
    path: '/budstikke/v1/audit',
    summary:
      'What was done with a party’s post, decided about it and refused, newest first: for who administers access there, and the auditor.',
    scope: readersOfLogs,
    query: AuditQuery,
    answers: { 200: AuditPage },
    refusals: [accessErrors.partyReferenceInvalid, accessErrors.loginTooLow, e.auditNotFound],
    run: (ctx: Context, caller, { query }) => showAudit(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/audit/correspondence/:id',
    summary:
      'Who has seen a message, and who tried to, oldest first: for its readers, for who administers access at the recipient, and the auditor.',
    scope: readersOfLogs,
    params: MessageParams,
    query: MessageQuery,
    answers: { 200: AuditPage },
    refusals: [accessErrors.loginTooLow, e.auditNotFound],
    run: (ctx: Context, caller, { params, query }) => showWhoHasSeen(ctx, caller, params.id, query.after),
  }),
];
