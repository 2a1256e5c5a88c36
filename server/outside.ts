import { readFileSync } from 'node:fs';
import type { Config } from './config.ts';
import { type ContactRegister, createKrr } from './contacts/index.ts';
import type { TrustedIssuer } from './identity/index.ts';
import type { Context } from './kernel/context.ts';
import { StartError } from './kernel/start-error.ts';
import { createGatewaySms, createSmtpMail, type MailPort, pacedMail, pacedSms, type SmsPort } from './notifications/index.ts';
import { catchMessages, downloadClientId, type TokenIssuers, webClientId } from './sandbox/index.ts';
import { createClamdScanner, type Scanner, simulatedScanner } from './scanning/index.ts';
import type { LoginProvider } from './session/index.ts';

/** Where browsers log in that come for a file: the configured provider, else the sandbox's own. */
export function loginProvider({ LOGIN }: Config, issuers: TokenIssuers | undefined): LoginProvider | undefined {
  return LOGIN ?? (issuers && { issuer: issuers.idporten.issuer, clientId: downloadClientId });
}

/** Where people log in to the web app: at the same provider. */
export function sessionProvider({ LOGIN }: Config, issuers: TokenIssuers | undefined): LoginProvider | undefined {
  return LOGIN ?? (issuers && { issuer: issuers.idporten.issuer, clientId: webClientId });
}

export function trustedIssuers(config: Config, issuers: TokenIssuers | undefined): TrustedIssuer[] {
  const configured = config.ISSUERS.map(({ jwksUri, ...issuer }) => ({ ...issuer, ...(jwksUri === undefined ? {} : { keys: jwksUri }) }));
  return [...configured, ...Object.values(issuers ?? {}).map((each) => each.trusted())];
}

/** Real carriers where they are configured; the sandbox catches what has none. */
export function createCarriers(config: Config, ctx: Context): { mail: MailPort; sms: SmsPort; close(): Promise<void> } {
  const caught = catchMessages(ctx);
  const smtp = config.SMTP_URL === undefined ? undefined : createSmtpMail({ url: config.SMTP_URL, log: ctx.log });
  const gateway = config.SMS_GATEWAY_URL === undefined ? undefined : createGatewaySms({ url: config.SMS_GATEWAY_URL });
  const [mail, sms] = [smtp ?? caught.mail, gateway ?? caught.sms];
  const { MAIL_PER_SECOND: mails, SMS_PER_SECOND: texts } = config;
  return {
    mail: mails === undefined ? mail : pacedMail(mail, { db: ctx.db, perSecond: mails }),
    sms: texts === undefined ? sms : pacedSms(sms, { db: ctx.db, perSecond: texts }),
    close: async () => smtp?.close(),
  };
}

/** The Contact and Reservation Register, where it is configured. */
export function createContactRegister(config: Config): ContactRegister | null {
  const { KRR_URL: url, KRR_CLIENT_ID: clientId, KRR_KEY: key, KRR_KEY_ID: keyId } = config;
  if (url === undefined || clientId === undefined || key === undefined || keyId === undefined) return null;
  const { KRR_TOKEN_URL: tokenUrl, KRR_TOKEN_AUDIENCE: audience } = config;
  return createKrr({ url, tokenUrl, audience, clientId, keyId, key: readKey(key) });
}

/** Refuses (StartError) a file that cannot be read. */
function readKey(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartError(`BUDSTIKKE_KRR_KEY cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`);
  }
}

export function createScanner(config: Config): Scanner {
  if (config.CLAMD === undefined) return simulatedScanner;
  const [host, port] = config.CLAMD.split(':') as [string, string];
  return createClamdScanner({ host, port: Number(port) });
}
