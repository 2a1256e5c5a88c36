import Type, { type Static } from 'typebox';
import { Nullable, oneOf, personal, Uuid } from '#kernel/schema.ts';

export const CoverageQuery = Type.Object({
  /** An organization at which the caller administers access: it and all units below it are looked at. */
  party: Uuid,
  after: Type.Optional(Type.String({ maxLength: 60 })),
  /** Units at which somebody can open everything are left out. */
  unwatched: Type.Optional(Type.Boolean()),
});
export type CoverageQuery = Static<typeof CoverageQuery>;

const Name = Type.Object({
  id: Uuid,
  kind: oneOf(['person', 'system']),
  name: personal(Type.String()),
  recent: Type.Boolean({ description: 'Was here in the last 30 days.' }),
});
const Names = Nullable(
  Type.Array(Name, {
    description: 'Twenty at most, the latest here first; null at a unit at which the caller does not administer access.',
  }),
);

const Texts = Type.Object({ nb: Type.String(), nn: Type.String(), en: Type.String() });

export const CoverageRight = Type.Object({
  kind: oneOf(['ordinary', 'confidential', 'files']),
  package: Nullable(Type.String({ description: 'The access package that opens all of it.' })),
  resource: Nullable(Type.String({ description: 'The one service that it is of, where no package opens it.' })),
  /** Of the package, or of the one service: what may come, as the resource registry tells it, and never what has come. */
  title: Nullable(Texts),
  owner: Nullable(Type.String({ description: 'Who sends on a single service.' })),
  oneByOne: Nullable(
    Type.Array(Type.Object({ resource: Type.String(), title: Texts, owner: Type.String() }), {
      description:
        'Of confidential services that are given one by one and on which the caller may not read: which may come, as the resource registry tells. Who can open is told for all together: of one it would tell what has come.',
    }),
  ),
  services: Type.Integer({ description: 'On how many services such post may come here.' }),
  unwatched: Type.Integer({ description: 'On how many of them nobody could open it.' }),
  persons: Type.Integer(),
  systems: Type.Integer(),
  recent: Type.Integer({ description: 'How many of those who can open it were here in the last 30 days.' }),
  grantors: Type.Integer({ description: 'How many could let somebody in.' }),
  unread: Nullable(
    Type.Integer({
      description:
        'Published and not opened; null for a confidential service that stands alone and on which the caller may not read, of which it would tell what has come, and at a unit where 100,000 or more lie.',
    }),
  ),
  youMayGive: Type.Boolean(),
  openerNames: Names,
  grantorNames: Names,
});
export type CoverageRight = Static<typeof CoverageRight>;

export const CoverageUnit = Type.Object({
  id: Uuid,
  name: Type.String(),
  number: Type.String(),
  unitType: Nullable(Type.String()),
  parent: Nullable(Uuid),
  depth: Type.Integer({ description: 'How far below the organization that was asked about.' }),
  alive: Type.Boolean({ description: 'Closed units are there as long as something lies unread at them.' }),
  rights: Type.Array(CoverageRight, { description: 'What nobody can open first.' }),
});

export const Coverage = Type.Object({
  units: Type.Array(CoverageUnit, { description: 'Those first at which something would be opened by nobody; in the order of the tree.' }),
  total: Nullable(Type.Integer({ description: 'How many units there are, the organization among them; null but on the first page.' })),
  next: Nullable(Type.String({ description: 'Give it as `after` to read on, also where a page is short; null at the end.' })),
});
export type Coverage = Static<typeof Coverage>;
