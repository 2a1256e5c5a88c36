/** What reads as an address from end to end, and what it names: no sign that could make it another to the eye than to the browser. */
const address = /^(?:https?:\/\/)?([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)(?::\d+)?(?:[/?#]\S*)?$/u;

/**
 * Pure. Where a link leads, where its text is not that very place; null where it is. Hosts are compared as browsers know them, so that
 * `blåfjell.no` is itself and a look-alike is not.
 */
export function placeBehind(href: string, text: string): string | null {
  const said = text.trim();
  const { protocol, hostname, host } = new URL(href);
  if (protocol === 'mailto:') return orNull(addressee(href), said.toLowerCase() === addressee(href).toLowerCase());
  if (protocol === 'tel:') return orNull(addressee(href), digits(said) !== '' && digits(said) === digits(addressee(href)));
  const [, named] = address.exec(said) ?? [];
  return orNull(host, named !== undefined && bare(hostOf(named)) === bare(hostname));
}

function orNull(place: string, isSaid: boolean): string | null {
  return isSaid ? null : place;
}

/** Without what makes up the rest of the message. */
function addressee(href: string): string {
  const written = href.slice(href.indexOf(':') + 1).split('?')[0]!;
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}

/** As it is dialled; a Norwegian number is the same with its country's. Empty for what holds anything but a number. */
function digits(text: string): string {
  return /^[\d\s+()./-]+$/.test(text) ? text.replace(/\D/g, '').replace(/^(?:00)?47(?=\d{8}$)/, '') : '';
}

function hostOf(named: string): string {
  return URL.canParse(`https://${named}`) ? new URL(`https://${named}`).hostname : '';
}

function bare(host: string): string {
  return host.replace(/^www\./, '');
}
