import type { TokenIssuer } from './signing-key.ts';

/**
 * What the issuer tells of itself to clients of OpenID Connect. The browser's addresses are Altinn's; of them only the
 * keys are served here.
 * Source: compatibility.md, platform, §1.3.
 */
export function openIdMetadata(tokens: TokenIssuer) {
  const base = tokens.issuer.slice(0, -'openid/'.length);
  return {
    issuer: tokens.issuer,
    authorization_endpoint: `${base}authentication`,
    token_endpoint: `${base}token`,
    jwks_uri: keySetAddress(tokens),
    response_types_supported: ['token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    end_session_endpoint: `${base}logout`,
  };
}

/** The same for clients of RFC 8414: where the keys are of what the generator signs. */
export function authorizationServerMetadata(tokens: TokenIssuer) {
  return { issuer: tokens.issuer, jwks_uri: keySetAddress(tokens), response_types_supported: ['token'] };
}

function keySetAddress(tokens: TokenIssuer): string {
  return `${tokens.issuer}.well-known/openid-configuration/jwks`;
}
