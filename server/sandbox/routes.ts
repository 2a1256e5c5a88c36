import type { CertificateChecker } from '#certificates/index.ts';
import type { TokenVerifier } from '#identity/index.ts';
import type { AnyRoute } from '#kernel/route.ts';
import type { TimeKeeping } from './clock/advance.ts';
import { clockRoutes } from './clock/routes.ts';
import { contactRegisterRoutes } from './contact-register/routes.ts';
import { exchangeRoutes } from './exchange/routes.ts';
import { loginRoutes } from './login/routes.ts';
import { maskinportenRoutes } from './maskinporten/routes.ts';
import { outboxRoutes } from './outbox/routes.ts';
import { pageRoutes } from './pages/routes.ts';
import { peopleRoutes } from './people/routes.ts';
import { tokenRoutes } from './tokens/routes.ts';
import type { TokenIssuers } from './tokens/signing-key.ts';
import { townRoutes } from './town/routes.ts';

/** Everything that only a sandbox serves: the town, test tokens and their keys, the clock, the outbox, pages for people. None asks for a token but the contact register, as the real one does. */
export function sandboxRoutes(options: {
  readonly issuers: TokenIssuers;
  /** Of the tokens that may be exchanged: those of the sandbox's issuers and of configured ones. */
  readonly verify: TokenVerifier;
  readonly publicUrl: string;
  /** What judges the certificates of grants; without it a certificate stands for nothing but its key. */
  readonly certificates: CertificateChecker | undefined;
  readonly time: TimeKeeping;
}): AnyRoute[] {
  return [
    ...townRoutes,
    ...tokenRoutes(options.issuers.altinn),
    ...maskinportenRoutes(options.issuers.maskinporten, options.certificates),
    ...exchangeRoutes({ verify: options.verify, altinn: options.issuers.altinn }),
    ...loginRoutes(options.issuers.idporten),
    ...clockRoutes(options.time),
    ...outboxRoutes,
    ...peopleRoutes,
    ...contactRegisterRoutes,
    ...pageRoutes(options.publicUrl),
  ];
}
