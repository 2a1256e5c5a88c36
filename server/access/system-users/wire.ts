import Type, { type Static } from 'typebox';
import { Nullable, Timestamp, Uuid } from '#kernel/schema.ts';
import { Packages, Rights, SystemId } from '../system-register/wire.ts';
import { type SystemRequestState, systemRequestMoves } from './states.ts';

const OrganizationNumber = Type.String({ pattern: '^\\d{9}$' });
const ExternalRef = Type.String({ minLength: 1, maxLength: 255 });
const Title = Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 255, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })));
const common = {
  externalRef: Type.Optional(Nullable(ExternalRef)),
  systemId: SystemId,
  partyOrgNo: OrganizationNumber,
  redirectUrl: Type.Optional(Nullable(Type.String({ maxLength: 1000 }))),
};

/** A vendor asks an organization for a system user. */
export const NewSystemUser = Type.Object({
  ...common,
  rights: Type.Optional(Nullable(Rights)),
  accessPackages: Type.Optional(Nullable(Packages)),
  integrationTitle: Title,
});
export type NewSystemUser = Static<typeof NewSystemUser>;

/** A vendor asks for other rights of a system user that is there. */
export const NewChange = Type.Object({
  ...common,
  requiredRights: Type.Optional(Nullable(Rights)),
  unwantedRights: Type.Optional(Nullable(Rights)),
  requiredAccessPackages: Type.Optional(Nullable(Packages)),
  unwantedAccessPackages: Type.Optional(Nullable(Packages)),
});
export type NewChange = Static<typeof NewChange>;

const Status = Type.Unsafe<SystemRequestState>(Type.String({ enum: Object.keys(systemRequestMoves) }));

export const SystemRequestView = Type.Object({
  id: Uuid,
  externalRef: Type.String(),
  systemId: Type.String(),
  partyOrgNo: Type.String(),
  rights: Rights,
  accessPackages: Packages,
  unwantedRights: Type.Optional(Rights),
  unwantedAccessPackages: Type.Optional(Packages),
  status: Status,
  userType: Type.String({ enum: ['standard', 'agent'] }),
  redirectUrl: Nullable(Type.String()),
  integrationTitle: Type.String(),
  confirmUrl: Type.String(),
  escalated: Type.Boolean(),
  systemUserId: Nullable(Uuid),
  created: Timestamp,
});
export type SystemRequestView = Static<typeof SystemRequestView>;

const page = <T extends Parameters<typeof Type.Array>[0]>(item: T) =>
  Type.Object({ links: Type.Object({ next: Nullable(Type.String()) }), data: Type.Array(item) });
export const SystemRequestPage = page(SystemRequestView);

export const RequestIdParam = Type.Object({ requestId: Uuid });
export const ByReferenceParams = Type.Object({ systemId: SystemId, orgNo: OrganizationNumber, externalRef: ExternalRef });
export const BySystemParams = Type.Object({ systemId: SystemId });
export const PageQuery = Type.Object({ token: Type.Optional(Nullable(Uuid)) });
export const PartyParam = Type.Object({ party: Uuid });
export const PartyRequestParams = Type.Object({ party: Uuid, requestId: Uuid });
export const PartySystemUserParams = Type.Object({ party: Uuid, systemUserId: Uuid });

export const SystemUserView = Type.Object({
  id: Uuid,
  integrationTitle: Type.String(),
  systemId: Type.String(),
  partyId: Uuid,
  reporteeOrgNo: Type.String(),
  supplierOrgNo: Nullable(Type.String()),
  supplierName: Nullable(Type.String()),
  externalRef: Type.String(),
  systemUserType: Type.String({ enum: ['standard', 'agent'] }),
  accessPackages: Packages,
  created: Timestamp,
});
export type SystemUserView = Static<typeof SystemUserView>;
export const SystemUserPage = page(SystemUserView);

export const ByExternalIdQuery = Type.Object({
  clientId: Type.String({ minLength: 1, maxLength: 200 }),
  systemProviderOrgNo: OrganizationNumber,
  systemUserOwnerOrgNo: OrganizationNumber,
  externalRef: Type.Optional(Nullable(ExternalRef)),
});
export type ByExternalIdQuery = Static<typeof ByExternalIdQuery>;

export const ByQuery = Type.Object({
  'system-id': SystemId,
  orgno: OrganizationNumber,
  'external-ref': Type.Optional(Nullable(ExternalRef)),
});
export type ByQuery = Static<typeof ByQuery>;
