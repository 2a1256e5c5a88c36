import type { CryptoKey, FlattenedJWSInput, JWSHeaderParameters } from 'jose';
import { Overloaded } from '#kernel/overloaded.ts';

/** The kinds of issuer that settings may name; they differ in what their claims mean. */
export const issuerKinds = ['altinn', 'maskinporten', 'idporten'] as const;
/** `dialog`: this installation, for those who read dialogs; nobody else's dialogs are known here. */
export type IssuerKind = (typeof issuerKinds)[number] | 'dialog';

/** Finds the public key that a token's header names. Throws `KeysUnavailable` when it cannot be asked, any other error for no such key. */
export type KeySource = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

/** An issuer whose tokens count. `issuer` is compared letter by letter, trailing slash included. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly kind: IssuerKind;
  /** The address of its JSON Web Key Set, or a source in this process; without it the issuer's metadata tells. */
  readonly keys?: string | KeySource;
  /** Whom its tokens must be for. Without it that is not looked at. */
  readonly audience?: string;
}

/** What kind of issuer an address belongs to when the settings do not say. Source: compatibility.md, correspondence, §1.2. */
export function issuerKind(issuer: string): IssuerKind | undefined {
  if (issuer.endsWith('/authentication/api/v1/openid/')) return 'altinn';
  if (issuer.includes('maskinporten')) return 'maskinporten';
  if (issuer.includes('idporten')) return 'idporten';
  return undefined;
}

/** An issuer's keys could not be fetched: the token is neither good nor bad, and the caller should come again. */
export class KeysUnavailable extends Overloaded {
  override readonly name = 'KeysUnavailable';
  constructor(message: string, options?: ErrorOptions) {
    super(5, 'The keys that the token would be verified with cannot be had now.');
    this.message = message;
    this.cause = options?.cause;
  }
}
