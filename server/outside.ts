import type { Config } from './config.ts';
import type { TrustedIssuer } from './identity/index.ts';
import type { Context } from './kernel/context.ts';
import { createGatewaySms, createSmtpMail, type MailPort, type SmsPort } from './notifications/index.ts';
import { createDirectoryHouse, type PrintHouse } from './relay/index.ts';
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
  const smtp = config.SMTP_URL === undefined ? undefined : createSmtpMail({ url: config.SMTP_URL });
  const gateway = config.SMS_GATEWAY_URL === undefined ? undefined : createGatewaySms({ url: config.SMS_GATEWAY_URL });
  return { mail: smtp ?? caught.mail, sms: gateway ?? caught.sms, close: async () => smtp?.close() };
}

export function createScanner(config: Config): Scanner {
  if (config.CLAMD === undefined) return simulatedScanner;
  const [host, port] = config.CLAMD.split(':') as [string, string];
  return createClamdScanner({ host, port: Number(port) });
}

export function createPrintHouse({ RELAY_DIR }: Config): PrintHouse | null {
  return RELAY_DIR === undefined ? null : createDirectoryHouse({ directory: RELAY_DIR });
}
