import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { Nullable, personal } from '#kernel/schema.ts';
import { answerAbout } from './answer-about.ts';

const text = Nullable(Type.String());
const Person = Type.Object({
  personidentifikator: personal(Type.String()),
  reservasjon: Type.Enum(['JA', 'NEI']),
  status: Type.Enum(['AKTIV', 'SLETTET', 'IKKE_REGISTRERT']),
  varslingsstatus: Type.Enum(['KAN_VARSLES', 'KAN_IKKE_VARSLES']),
  kontaktinformasjon: Type.Optional(
    Type.Object({
      epostadresse: Type.Optional(personal(text)),
      epostadresse_oppdatert: Type.Optional(text),
      epostadresse_sist_verifisert: Type.Optional(text),
      mobiltelefonnummer: Type.Optional(personal(text)),
      mobiltelefonnummer_oppdatert: Type.Optional(text),
      mobiltelefonnummer_sist_verifisert: Type.Optional(text),
    }),
  ),
  spraak: Type.Optional(Type.String()),
});

/** The Contact and Reservation Register as other installations ask it, with the persons of this sandbox's town. Never another's source of itself. */
export const contactRegisterRoutes: AnyRoute<Context>[] = [
  route({
    method: 'POST',
    path: '/krr/rest/v2/personer',
    summary: 'Contact information and reservations of the persons of the town, as the Contact and Reservation Register gives them.',
    scope: [{ issuer: 'maskinporten', all: ['krr:global/kontaktinformasjon.read'] }],
    body: Type.Object({ personidentifikatorer: Type.Array(personal(Type.String()), { minItems: 1, maxItems: 1000 }) }),
    answers: { 200: Type.Object({ personer: Type.Array(Person) }) },
    refusals: [],
    run: (ctx: Context, _caller, { body }) => answerAbout(ctx, body.personidentifikatorer),
  }),
];
