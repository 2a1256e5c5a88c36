import Type, { type Static } from 'typebox';

export const ShownSession = Type.Object({
  person: Type.Object({
    id: Type.String(),
    name: Type.String({ personal: true }),
    language: Type.Enum(['nb', 'nn', 'en']),
  }),
  csrfToken: Type.String({ description: 'What every request that changes something must show as `X-CSRF-Token`.' }),
  expiresAt: Type.String({ format: 'date-time', description: 'When it ends if nothing is done until then; in real time.' }),
  now: Type.String({
    format: 'date-time',
    description: 'What time it is here, by which what is sent becomes due; a sandbox may be ahead.',
  }),
  level: Type.Integer({ minimum: 0, maximum: 4, description: 'How well it is known who this is; `/login?level=high` for more.' }),
  scopes: Type.Array(Type.String()),
  sandbox: Type.Boolean(),
  operator: Type.Boolean({ description: 'Whether this person looks after the installation.' }),
});
export type ShownSession = Static<typeof ShownSession>;

export const LoginQuery = Type.Object({
  returnTo: Type.Optional(Type.String({ maxLength: 4000, description: 'A path of this server; anything else leads to its front page.' })),
  who: Type.Optional(
    Type.String({ maxLength: 11, pattern: '^\\d{11}$', description: 'In a sandbox: whom the login shows first, by identity number.' }),
  ),
  level: Type.Optional(Type.Enum(['substantial', 'high'], { description: 'The lowest level of login that will do.' })),
  lang: Type.Optional(Type.Enum(['nb', 'nn', 'en'], { description: 'The language in which the provider is to ask.' })),
});

const parameter = Type.Optional(Type.String({ maxLength: 4000 }));

/** What a provider sends a browser back with: a code, or why there is none. Source: OpenID Connect Core §3.1.2.5; RFC 9207. */
export const ComingBack = Type.Object({
  code: parameter,
  state: parameter,
  iss: parameter,
  error: parameter,
  error_description: parameter,
  session_state: parameter,
});

export const FrameQuery = Type.Object({ iss: parameter, sid: parameter });

export const LogoutToken = Type.Object({ logout_token: Type.String({ maxLength: 16_000 }) });

export const LoggedOut = Type.Object({ location: Type.String({ description: 'Where the browser goes to log out at the provider too.' }) });
