import Type, { type Static } from 'typebox';
import { Nullable, personal, Timestamp } from '#kernel/schema.ts';

const Owner = Type.String({
  minLength: 1,
  maxLength: 50,
  description: 'Code of the service owner (`digdir`), or its organization number.',
});
const Identifier = Type.String({ minLength: 1, maxLength: 200 });

export const OwnerParams = Type.Object({ owner: Owner });
export const ListParams = Type.Object({ owner: Owner, identifier: Identifier });
export type ListParams = Static<typeof ListParams>;
export const ConnectionParams = Type.Object({
  owner: Owner,
  identifier: Identifier,
  resourceIdentifier: Type.String({ minLength: 1, maxLength: 255 }),
});

const token = Type.Optional(Type.String({ minLength: 1, maxLength: 300, description: 'Where the page before this one ended.' }));
export const PageQuery = Type.Object({ token });

const include = Type.Optional(
  Type.Array(Type.String({ maxLength: 200 }), {
    maxItems: 10,
    description: 'resource-connections, resource-connections.actions, members; several by comma or again.',
  }),
);
export const ListQuery = Type.Object({ include });
export const ListsQuery = Type.Object({ token, include, resource: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })) });
export type ListsQuery = Static<typeof ListsQuery>;

const Links = Type.Object({ next: Nullable(Type.String()) });

export const Connection = Type.Object({
  resourceIdentifier: Type.String(),
  /** Null: every action. Left out where actions were not asked for. */
  actionFilters: Type.Optional(Nullable(Type.Array(Type.String()))),
  createdAt: Timestamp,
});
export const Member = Type.Object({ id: Type.String(), since: Timestamp, identifiers: Type.Record(Type.String(), Type.String()) });

export const ListInfo = Type.Object({
  urn: Type.String(),
  identifier: Type.String(),
  name: Type.String(),
  description: Type.String(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  resourceConnections: Type.Optional(Type.Array(Connection)),
  members: Type.Optional(Type.Array(Member)),
});
export type ListInfo = Static<typeof ListInfo>;

export const Lists = Type.Object({ links: Links, data: Type.Array(ListInfo) });
export const Members = Type.Object({ links: Links, data: Type.Array(Member) });
export const Connections = Type.Object({ links: Links, data: Type.Array(Connection) });

const Name = Type.String({ minLength: 1, maxLength: 500 });
const Description = Type.String({ maxLength: 10_000 });
export const ListDocument = Type.Object({ name: Name, description: Type.Optional(Nullable(Description)) });
export type ListDocument = Static<typeof ListDocument>;

export const Patch = Type.Array(
  Type.Object({ op: Type.String({ maxLength: 20 }), path: Type.String({ maxLength: 200 }), value: Type.Optional(Type.Unknown()) }),
  { maxItems: 20 },
);
export type Patch = Static<typeof Patch>;

/** Organizations by number (`urn:altinn:organization:identifier-no:…`) or id (`urn:altinn:party:uuid:…`). */
export const MembersBody = Type.Object({ data: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 10_000 }) });
export type MembersBody = Static<typeof MembersBody>;

export const ConnectionBody = Type.Object({
  actionFilters: Type.Optional(
    Nullable(Type.Array(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.:-]{0,99}$' }), { minItems: 1, maxItems: 50 })),
  ),
});
export type ConnectionBody = Static<typeof ConnectionBody>;

export const MembershipsQuery = Type.Object({
  party: personal(Type.String({ minLength: 1, maxLength: 300 })),
  resource: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
});
export type MembershipsQuery = Static<typeof MembershipsQuery>;
export const Memberships = Type.Array(
  Type.Object({ party: Type.String(), resource: Type.String(), since: Timestamp, actionFilters: Nullable(Type.Array(Type.String())) }),
);
