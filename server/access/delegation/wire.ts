import Type, { type Static } from 'typebox';
import { Nullable, personal, Uuid } from '#kernel/schema.ts';

/** A party by its id; `me` is the caller, `all` nobody in particular. */
const End = Type.String({ pattern: '^(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[mM][eE]|[aA][lL][lL])$' });
const ends = { party: End, from: Type.Optional(Nullable(End)), to: Type.Optional(Nullable(End)) };
const PackageName = Type.String({ minLength: 1, maxLength: 200, description: 'URN or code.' });
const ResourceName = Type.String({ minLength: 1, maxLength: 255 });
const InstanceName = Type.String({ minLength: 1, maxLength: 300, description: '`urn:altinn:correspondence-id:…`, or the id alone.' });

/** Where the page before ended, as its `links.next` has it. */
const token = Type.Optional(Nullable(Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 2000 })));

export const SidesQuery = Type.Object(ends);
export type SidesQuery = Static<typeof SidesQuery>;

export const RolesQuery = Type.Object({ ...ends, token });
export type RolesQuery = Static<typeof RolesQuery>;

export const ConnectionsQuery = Type.Object({ ...ends, token: Type.Optional(Nullable(Uuid)) });
export type ConnectionsQuery = Static<typeof ConnectionsQuery>;

export const RemoveConnectionQuery = Type.Object({ ...ends, cascade: Type.Optional(Type.Boolean()) });

export const PackagesQuery = Type.Object({
  ...ends,
  token,
  package: Type.Optional(Nullable(PackageName)),
  packageId: Type.Optional(Nullable(Uuid)),
});
export type PackagesQuery = Static<typeof PackagesQuery>;
export const PackageCheckQuery = Type.Object({ party: End, packages: Type.Optional(Type.Array(PackageName, { maxItems: 500 })) });

export const ResourcesQuery = Type.Object({ ...ends, token, resource: Type.Optional(Nullable(ResourceName)) });
export type ResourcesQuery = Static<typeof ResourcesQuery>;
export const OneResourceQuery = Type.Object({ ...ends, resource: ResourceName });
export const InstancesQuery = Type.Object({
  ...ends,
  token,
  resource: Type.Optional(Nullable(ResourceName)),
  instance: Type.Optional(Nullable(InstanceName)),
});
export const OneInstanceQuery = Type.Object({ ...ends, resource: ResourceName, instance: InstanceName });
export const InstanceUsersQuery = Type.Object({ ...ends, token, resource: ResourceName, instance: InstanceName });

/** A person that is named by number and last name, for whoever does not know its id. */
export const PersonInput = Type.Object({
  personIdentifier: Type.Optional(Nullable(personal(Type.String({ pattern: '^\\d{11}$' })))),
  lastName: Type.Optional(Nullable(personal(Type.String({ maxLength: 200 })))),
});
export type PersonInput = Static<typeof PersonInput>;

export const RightsInput = Type.Object({
  directRightKeys: Type.Array(Type.String({ minLength: 1, maxLength: 400 }), { minItems: 1, maxItems: 20 }),
  to: Type.Optional(Nullable(PersonInput)),
});
export type RightsInput = Static<typeof RightsInput>;

const CompactEntity = Type.Object({
  id: Uuid,
  name: personal(Type.String()),
  type: Type.String({ enum: ['Person', 'Organisasjon', 'Systembruker'] }),
  variant: Nullable(Type.String()),
  partyId: Type.Integer(),
  organizationIdentifier: Nullable(Type.String()),
  parent: Nullable(Uuid),
  isDeleted: Type.Boolean(),
});
export type CompactEntity = Static<typeof CompactEntity>;

const Role = Type.Object({ code: Type.String(), urn: Type.String() });
const Package = Type.Object({ id: Uuid, urn: Type.String() });
const Instance = Type.Object({ resourceId: Type.String(), instanceId: Type.String() });

const page = <T extends Parameters<typeof Type.Array>[0]>(item: T) =>
  Type.Object({ links: Type.Object({ next: Nullable(Type.String()) }), data: Type.Array(item) });

export const Connection = Type.Object({
  party: CompactEntity,
  roles: Type.Array(Role),
  packages: Type.Array(Package),
  resources: Type.Array(Type.Object({ id: Type.String() })),
  instances: Type.Array(Instance),
  connections: Type.Array(Type.Unknown()),
});
export type Connection = Static<typeof Connection>;
export const ConnectionPage = page(Connection);
export type ConnectionPage = Static<typeof ConnectionPage>;

export const Assignment = Type.Object({ id: Uuid, roleId: Type.String(), fromId: Uuid, toId: Uuid });

const Permission = Type.Object({ from: CompactEntity, to: CompactEntity, role: Nullable(Role) });
export const PackagePermissionPage = page(Type.Object({ package: Package, permissions: Type.Array(Permission) }));
export type PackagePermissionPage = Static<typeof PackagePermissionPage>;
export const AssignmentPackage = Type.Object({ id: Uuid, assignmentId: Uuid, packageId: Uuid });

export const PackageCheckPage = page(
  Type.Object({
    package: Package,
    result: Type.Boolean(),
    reasons: Type.Array(Type.Object({ description: Type.String() })),
  }),
);
export type PackageCheckPage = Static<typeof PackageCheckPage>;

export const RolePage = page(Type.Object({ role: Role, permissions: Type.Array(Permission) }));
export type RolePage = Static<typeof RolePage>;

const GrantedRight = Type.Object({ key: Type.String(), action: Type.String() });
export const ResourcePermissionPage = page(
  Type.Object({
    resource: Type.Object({ id: Type.String() }),
    instance: Nullable(Type.String()),
    rights: Type.Array(GrantedRight),
    permissions: Type.Array(Permission),
  }),
);
export type ResourcePermissionPage = Static<typeof ResourcePermissionPage>;

export const ResourceCheck = Type.Object({
  resource: Type.Object({ id: Type.String() }),
  instance: Nullable(Type.String()),
  rights: Type.Array(
    Type.Object({
      right: GrantedRight,
      result: Type.Boolean(),
      reasonCodes: Type.Array(Type.String()),
    }),
  ),
});
export type ResourceCheck = Static<typeof ResourceCheck>;

export const EntityPage = page(CompactEntity);
export type EntityPage = Static<typeof EntityPage>;
