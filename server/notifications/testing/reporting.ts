import { after } from 'node:test';
import { createHttp } from '#http/index.ts';
import { anonymous, type Caller, type Context } from '#kernel/context.ts';
import { silentLog } from '#kernel/log.ts';
import { notificationRoutes } from '../reports/routes.ts';

const maskinporten = (scope: string): Caller => ({ ...anonymous, kind: 'organization', issuer: 'maskinporten', scopes: new Set([scope]) });
const callers: Record<string, Caller> = {
  carrier: maskinporten('budstikke:notifications.report'),
  other: maskinporten('altinn:serviceowner'),
};

type Said = [status: number, body: { settled?: number; errorCode?: number }];

/** The operations by which carriers say later what became of a notice, on a wire of their own. */
export async function openReports(ctx: Context) {
  const http = await createHttp({
    routes: notificationRoutes,
    context: ctx,
    authenticate: async ({ authorization }) => callers[authorization ?? ''] ?? anonymous,
    blobs: {} as never,
    log: silentLog,
    checkAnswers: true,
    publicUrl: 'http://localhost',
  });
  const port = await http.listen(0, '127.0.0.1');
  after(() => http.close(0));
  const post = async (path: string, by: string, body: string, type: string): Promise<Said> => {
    const answer = await fetch(`http://127.0.0.1:${port}/budstikke/v1/notifications/${path}`, {
      method: 'POST',
      headers: { authorization: by, 'content-type': type },
      body,
    });
    const said = await answer.text();
    return [answer.status, said === '' ? {} : JSON.parse(said)];
  };
  return {
    post,
    report: (...reports: object[]) => post('reports', 'carrier', JSON.stringify({ reports }), 'application/json'),
    bounce: (mail: string) => post('bounces', 'carrier', mail, 'message/rfc822'),
  };
}

/** As Postfix sends it. */
export const dsn = (messageId: string, action = 'failed', status = '5.1.1', answer = 'smtp; 550 5.1.1 no such\n    user') =>
  [
    'From: MAILER-DAEMON@example.no',
    'Message-ID: <bounce-1@example.no>',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="x"',
    '',
    '--x',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example.no',
    '',
    'Final-Recipient: rfc822; borte@example.no',
    `Action: ${action}`,
    `Status: ${status}`,
    `Diagnostic-Code: ${answer}`,
    '',
    '--x',
    'Content-Type: text/rfc822-headers',
    '',
    'Subject: Ny post',
    'Message-ID:',
    ` ${messageId}`,
    '--x--',
  ].join('\r\n');
