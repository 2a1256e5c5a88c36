import { type Client, createClient } from '../../demo/client.ts';
import { makeFolder, type ServerProcess, startServer } from '../../demo/server-process.ts';
import { type MailSink, startMailSink } from '../../demo/sink.ts';

/**
 * What a black-box test talks to: a server of its own, or the installed one that BUDSTIKKE_TEST_URL names.
 * Only HTTP and SMTP lead to it; nothing of the server is imported.
 */
export interface Target {
  readonly client: Client;
  /** Undefined against an installed server, whose mail goes where its operator wants. */
  readonly own: { readonly process: ServerProcess; readonly mails: MailSink } | undefined;
  stop(): Promise<void>;
}

/** An address of a running sandbox to test instead of a server of our own. */
export const installedUrl = process.env.BUDSTIKKE_TEST_URL?.replace(/\/$/, '');

/** Starts a server on a folder of its own (or takes the installed one) and loads the town into it. */
export async function startTarget(name: string, town: object, environment: Readonly<Record<string, string>> = {}): Promise<Target> {
  if (installedUrl) {
    const client = createClient(installedUrl);
    await seed(client, town);
    return { client, own: undefined, stop: async () => {} };
  }
  const mails = await startMailSink();
  const folder = await makeFolder(`test-${name}`);
  const process = await startServer({ folder, environment: { ...strictSandbox(mails), ...environment } });
  const client = createClient(process.url);
  await seed(client, town);
  const stop = async (): Promise<void> => {
    await process.stop();
    await mails.close();
    await folder.remove();
  };
  return { client, own: { process, mails }, stop };
}

/** A sandbox that makes nobody up, and sends its mail where a test can see it. */
export function strictSandbox(mails: MailSink): Record<string, string> {
  return { BUDSTIKKE_MODE: 'sandbox', BUDSTIKKE_SANDBOX_IMPLICIT: 'none', BUDSTIKKE_SMTP_URL: mails.url, BUDSTIKKE_LOG_LEVEL: 'warn' };
}

export async function seed(client: Client, town: object): Promise<void> {
  const answer = await client.post('/budstikke/v1/sandbox/seed', town);
  if (answer.status >= 300) throw new Error(`The town was not loaded: ${answer.status} ${answer.text.slice(0, 1000)}`);
}
