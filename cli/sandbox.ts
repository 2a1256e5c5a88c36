import { ToldError } from './told-error.ts';

/** Asks a running sandbox. Refuses (ToldError) an address that is none, or where nothing answers. */
export async function askSandbox(url: string, path: string, request: RequestInit = {}): Promise<Response> {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new ToldError(`"${url}" is not an address that begins with http:// or https://.`);
  }
  const address = new URL(path, url);
  try {
    return await fetch(address, request);
  } catch (error) {
    const cause = (error as Error & { cause?: { code?: string; message?: string } }).cause;
    throw new ToldError(`Nothing answers at ${address.origin} (${cause?.code || cause?.message}). Is the sandbox running (npm start)?`);
  }
}

/** The part of problem details (RFC 9457) that is shown to a person. */
export interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: Readonly<Record<string, readonly string[]>>;
}

/** Nothing is known of a body that is no JSON: a proxy's page, for instance. */
export function readProblem(body: string): Problem {
  try {
    return JSON.parse(body) as Problem;
  } catch {
    return {};
  }
}
