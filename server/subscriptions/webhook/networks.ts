import { BlockList, isIP } from 'node:net';

/** Addresses that are not for the public: nothing is posted there unless the operator names the network. RFC 6890 and its kin. */
const closedNetworks = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16', // metadata of clouds
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24', // of the internet's own machinery, as the next two of the kind
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '::ffff:0:0:0/96', // translated to any address of IPv4, as the next
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16', // holds any address of IPv4
  '3fff::/20',
  '5f00::/16', // segments of a router's own
  'fc00::/7',
  'fe80::/9', // link-local, and what was site-local
  'ff00::/8',
] as const;

/** Splits `10.0.0.0/8`; undefined for what is no network. */
export function parseNetwork(
  text: string,
): { readonly address: string; readonly bits: number; readonly family: 'ipv4' | 'ipv6' } | undefined {
  const [address = '', length = '', ...more] = text.split('/');
  const version = isIP(address);
  const bits = Number(length);
  if (more.length > 0 || version === 0 || !/^\d{1,3}$/.test(length) || bits > (version === 4 ? 32 : 128)) return undefined;
  return { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const parsed = parseNetwork(network);
    if (!parsed) throw new Error(`${network} is not a network`);
    list.addSubnet(parsed.address, parsed.bits, parsed.family);
  }
  return list;
}

const closed = listOf(closedNetworks);

/** An IPv4 address inside IPv6 (`::ffff:10.0.0.1`) is that address. */
function unmapped(address: string): { readonly address: string; readonly family: 'ipv4' | 'ipv6' } | undefined {
  if (isIP(address) === 4) return { address, family: 'ipv4' };
  if (isIP(address) !== 6) return undefined;
  const written = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(written);
  if (!mapped) return { address: written, family: 'ipv6' };
  const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)];
  return { address: [high >> 8, high & 255, low >> 8, low & 255].join('.'), family: 'ipv4' };
}

/** Makes the judge of addresses that may be posted to: public ones, and those in the networks that the operator allows. */
export function createAddressJudge(allowed: readonly string[]): (address: string) => boolean {
  const open = listOf(allowed);
  return (address) => {
    const plain = unmapped(address);
    return plain !== undefined && (open.check(plain.address, plain.family) || !closed.check(plain.address, plain.family));
  };
}
