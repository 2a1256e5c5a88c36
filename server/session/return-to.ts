const longest = 2000;
/** Where one would go round in circles. */
const never = /^\/(?:login|logout|idporten)(?:\/|$)/i;

/**
 * Where a browser goes after its login: a path of our own with its query, or the front page for anything that could lead elsewhere.
 * Browsers drop tabs and line ends and take a backslash for a slash, so an address with any of them is not looked at further.
 */
export function returnToOf(given: string | undefined, publicUrl: string): string {
  if (given === undefined || given.length > longest || !/^\/[\x21-\x5b\x5d-\x7e]*$/.test(given) || given.startsWith('//')) return '/';
  if (!URL.canParse(given, publicUrl)) return '/';
  const url = new URL(given, publicUrl);
  // `/.//evil.example` is a path here, and another host where only the path is taken on.
  if (url.origin !== new URL(publicUrl).origin || url.pathname.startsWith('//') || never.test(url.pathname)) return '/';
  return url.pathname + url.search + url.hash;
}
