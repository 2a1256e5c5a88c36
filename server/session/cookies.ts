import { isSecret } from './secrets.ts';

export interface Cookies {
  /** The secret of the session, where the browser shows one. */
  readonly session: string | undefined;
  /** The secret that ties a login to the browser that began it. */
  readonly login: string | undefined;
}

export interface CookieJar {
  read(header: string | undefined): Cookies;
  /** `Set-Cookie` for a session; it goes when the browser is closed, and no script sees it. */
  session(secret: string): string;
  noSession(): string;
  login(secret: string, lastsSeconds: number): string;
}

/**
 * Our two cookies. With https they have the prefix `__Host-`: no other host of the domain can set them, none but this gets them.
 * Lax, not Strict: a browser that comes back from its provider must bring them.
 */
export function cookieJar(publicUrl: string): CookieJar {
  const isSecure = publicUrl.startsWith('https:');
  const nameOf = (name: string): string => (isSecure ? `__Host-${name}` : name);
  const always = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  const names = { session: nameOf('budstikke'), login: nameOf('budstikke-login') };

  return {
    read(header) {
      const [session, login] = [shownAs(header, names.session), shownAs(header, names.login)];
      return { session: isSecret(session) ? session : undefined, login: isSecret(login) ? login : undefined };
    },
    session: (secret) => `${names.session}=${secret}; ${always}`,
    noSession: () => `${names.session}=; ${always}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT`,
    login: (secret, lastsSeconds) => `${names.login}=${secret}; ${always}; Max-Age=${lastsSeconds}`,
  };
}

/** Undefined also where a name comes twice: one of them is somebody else's. */
function shownAs(header: string | undefined, name: string): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}
