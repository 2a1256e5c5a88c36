import Type, { type Static } from 'typebox';
import { Nullable, personal, Uuid } from '#kernel/schema.ts';

const Flag = Type.Optional(Type.Boolean());

export const AuthorizedQuery = Type.Object({
  includeRoles: Flag,
  includeAccessPackages: Flag,
  includeResources: Flag,
  includeInstances: Flag,
  includePartiesViaKeyRoles: Type.Optional(Type.String({ enum: ['auto', 'true', 'false'] })),
  includeSubParties: Flag,
  includeInactiveParties: Flag,
  partyFilter: Type.Optional(Type.Array(Uuid, { maxItems: 500 })),
  anyOfResourceIds: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 20 })),
});
export type AuthorizedQuery = Static<typeof AuthorizedQuery>;

/** Whom a service owner asks about. */
export const OwnersQuestion = Type.Object({
  type: Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'urn:altinn:person:identifier-no, urn:altinn:organization:identifier-no, …',
  }),
  value: personal(Type.String({ minLength: 1, maxLength: 100 })),
});
export type OwnersQuestion = Static<typeof OwnersQuestion>;

/** A party that somebody can represent, with its subunits below it. */
export interface AuthorizedParty {
  readonly partyUuid: string;
  readonly name: string;
  readonly organizationNumber: string | null;
  readonly parentId: string | null;
  readonly personId: string | null;
  /** Never read from a number, and kept nowhere. */
  readonly dateOfBirth: null;
  readonly emailId: null;
  readonly partyId: number;
  readonly type: 'None' | 'Person' | 'Organization';
  readonly unitType: string | null;
  readonly isDeleted: boolean;
  readonly onlyHierarchyElementWithNoAccess: boolean;
  readonly authorizedAccessPackages: readonly string[];
  readonly authorizedRoles: readonly string[];
  readonly authorizedResources: readonly string[];
  readonly authorizedInstances: readonly { readonly resourceId: string; readonly instanceId: string; readonly instanceRef: string }[];
  readonly subunits: AuthorizedParty[];
}

const own = {
  partyUuid: Uuid,
  name: personal(Type.String()),
  organizationNumber: Nullable(Type.String()),
  parentId: Nullable(Uuid),
  personId: Nullable(personal(Type.String())),
  dateOfBirth: Type.Null(),
  emailId: Type.Null(),
  partyId: Type.Integer(),
  type: Type.String({ enum: ['None', 'Person', 'Organization'] }),
  unitType: Nullable(Type.String()),
  isDeleted: Type.Boolean(),
  onlyHierarchyElementWithNoAccess: Type.Boolean(),
  authorizedAccessPackages: Type.Array(Type.String()),
  authorizedRoles: Type.Array(Type.String()),
  authorizedResources: Type.Array(Type.String()),
  authorizedInstances: Type.Array(Type.Object({ resourceId: Type.String(), instanceId: Uuid, instanceRef: Type.String() })),
};

/** Units of units stand three deep at the most. */
export const AuthorizedPartyList = Type.Array(
  Type.Object({
    ...own,
    subunits: Type.Array(Type.Object({ ...own, subunits: Type.Array(Type.Object({ ...own, subunits: Type.Array(Type.Unknown()) })) })),
  }),
);
