import Type, { type Static } from 'typebox';
import { Nullable, personal, Timestamp, Uuid } from '#kernel/schema.ts';
import { type RequestState, requestMoves } from './states.ts';

const Urn = personal(
  Type.String({
    minLength: 1,
    maxLength: 300,
    description: 'urn:altinn:organization:identifier-no:…, urn:altinn:person:identifier-no:… or urn:altinn:party:uuid:…',
  }),
);
const Named = Type.Union([
  Type.String({ minLength: 1, maxLength: 255 }),
  Type.Object({ referenceId: Type.String({ minLength: 1, maxLength: 255 }) }),
]);

const ends = { from: Urn, to: Urn };

/** A sender asks a party (`from`) to give somebody (`to`) a resource of the sender, or a package that one of them asks for. */
export const NewRequest = Type.Object({
  connection: Type.Object(ends),
  resource: Type.Optional(Nullable(Named)),
  package: Type.Optional(Nullable(Named)),
  /** Of a resource; `read` when left out. */
  rightKeys: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 400 }), { minItems: 1, maxItems: 20 })),
});
export type NewRequest = Static<typeof NewRequest>;

const Status = Type.Unsafe<RequestState>(Type.String({ enum: Object.keys(requestMoves) }));

/** A request as its sender sees it. */
export const SentRequest = Type.Object({
  id: Uuid,
  status: Status,
  connection: Type.Object(ends),
  resource: Nullable(Type.Object({ referenceId: Type.String() })),
  /** Of a resource: what is asked for, as a delegation check names rights. */
  rightKeys: Type.Array(Type.String()),
  package: Nullable(Type.Object({ referenceId: Type.String() })),
  createdAt: Timestamp,
  links: Type.Object({ statusLink: Type.String(), detailsLink: Type.String() }),
});
export type SentRequest = Static<typeof SentRequest>;

export const RequestId = Type.Object({ id: Uuid });
export const RequestStatus = Type.Object({ id: Uuid, status: Status });

const Uuids = { party: Type.String({ pattern: '^(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[mM][eE])$' }) };
export const ReceivedQuery = Type.Object({ ...Uuids, status: Type.Optional(Status), token: Type.Optional(Nullable(Uuid)) });
export type ReceivedQuery = Static<typeof ReceivedQuery>;
export const DecisionQuery = Type.Object({ ...Uuids, id: Uuid });
export type DecisionQuery = Static<typeof DecisionQuery>;

const End = Type.Object({ id: Uuid, name: personal(Type.String()) });

/** A request as those see it who administer access at the party that is asked. */
export const ReceivedRequest = Type.Object({
  id: Uuid,
  status: Status,
  type: Type.String({ enum: ['resource', 'package'] }),
  from: End,
  to: End,
  requestedBy: Type.Object({ name: Type.String(), organizationNumber: Nullable(Type.String()) }),
  resource: Nullable(Type.Object({ referenceId: Type.String() })),
  /** With what it is called; null where it has no name. */
  package: Nullable(
    Type.Object({ referenceId: Type.String(), name: Nullable(Type.Object({ nb: Type.String(), nn: Type.String(), en: Type.String() })) }),
  ),
  actions: Type.Array(Type.String()),
  createdAt: Timestamp,
  decidedAt: Nullable(Timestamp),
});
export type ReceivedRequest = Static<typeof ReceivedRequest>;
export const ReceivedPage = Type.Object({ links: Type.Object({ next: Nullable(Type.String()) }), data: Type.Array(ReceivedRequest) });
export type ReceivedPage = Static<typeof ReceivedPage>;
