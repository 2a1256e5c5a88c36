/** Pure. Enough of an address for its owner to know it again, and for nobody else to write to it: `k•••@e•••.no`, `+47 ••• ••99`. */
export function maskAddress(channel: 'email' | 'sms', address: string): string {
  if (channel === 'sms') return `${address.slice(0, 3)} ••• ••${address.slice(-2)}`;
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  const dot = domain.lastIndexOf('.');
  return `${firstOf(address.slice(0, at))}•••@${firstOf(domain)}•••${dot > 0 ? domain.slice(dot) : ''}`;
}

function firstOf(text: string): string {
  return [...text][0] ?? '';
}
