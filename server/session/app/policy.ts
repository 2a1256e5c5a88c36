/**
 * What a page of the web app may do: run its own scripts, show its own styles, ask this server, and nothing else. No script or style
 * in the page itself, nothing from elsewhere, in nobody's frame. Forms may lead to the login provider.
 */
export function policyOf(providerIssuer: string | undefined): string {
  const provider = providerIssuer === undefined ? '' : ` ${new URL(providerIssuer).origin}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    `form-action 'self'${provider}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

/** The headers of every page, the app's and those in its place. */
export function pageHeaders(publicUrl: string, providerIssuer: string | undefined): Readonly<Record<string, string>> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policyOf(providerIssuer),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    ...(publicUrl.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
}
