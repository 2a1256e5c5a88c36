import Type, { type Static } from 'typebox';
import { Nullable, oneOf, personal } from '#kernel/schema.ts';

const Texts = Type.Object({ nb: Type.String(), nn: Type.String(), en: Type.String() });

const ReaderWord = Type.Object({
  kind: oneOf(['role', 'package', 'self', 'organization', 'named', 'anybody']),
  code: Nullable(Type.String()),
  name: Nullable(Texts),
});

export const OwnService = Type.Object({
  id: Type.String(),
  title: Texts,
  type: Type.String(),
  /** Letters, files, or neither: what only has a policy. */
  carries: oneOf(['letters', 'files', 'nothing']),
  confidential: Type.Boolean(),
  /** What becomes of post that nobody can open and nobody can be given access to. */
  unreachable: oneOf(['accept', 'refuse', 'fallback']),
  /** Who hears of it, where that is `fallback`: an organization by its name. */
  fallback: Nullable(Type.Object({ name: Nullable(personal(Type.String())) })),
  /** The lowest level of login that opens it, 0 to 4. */
  minLevel: Type.Integer(),
  readers: Type.Object({
    ways: Type.Array(Type.Array(ReaderWord), { description: 'Any of these is enough; all that stands in one is needed together.' }),
    more: Type.Boolean({ description: 'The policy asks for more than these words say.' }),
  }),
  /** Of a service that carries files. */
  files: Nullable(
    Type.Object({
      mostBytes: Nullable(Type.Integer({ description: 'Null: what the installation takes.' })),
      timeToLiveSeconds: Type.Integer(),
      purgeAfterAllConfirmed: Type.Boolean(),
      graceSeconds: Type.Integer(),
    }),
  ),
  ladder: Type.String(),
  /** Whether the caller may choose its ladder. */
  mayChoose: Type.Boolean(),
});

export const OwnServicesQuery = Type.Object({ after: Type.Optional(Type.String({ maxLength: 255 })) });
export const OwnServices = Type.Object({
  services: Type.Array(OwnService, { description: 'In the order of their ids.' }),
  next: Nullable(Type.String({ description: 'Ask again with `after` set to this for what follows.' })),
});
export type OwnServices = Static<typeof OwnServices>;
export type OwnService = Static<typeof OwnService>;

/** Numbers of organizations alone: whoever has the number of a person is not told their name by it. */
export const NamesRequest = Type.Object({
  numbers: Type.Array(Type.String({ pattern: '^\\d{9}$' }), { minItems: 1, maxItems: 500 }),
});
export const Names = Type.Object({
  names: Type.Array(
    Type.Object({
      number: Type.String(),
      /** Null: nobody has the number. */
      name: Nullable(Type.String()),
    }),
  ),
});
export type Names = Static<typeof Names>;
