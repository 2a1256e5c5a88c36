import Type, { type Static } from 'typebox';
import { Enumeration, Nullable } from '#kernel/schema.ts';

const optional = <T extends Type.TSchema>(schema: T) => Type.Optional(Nullable(schema));

/** How a resource carries files. What is left out or null stays as it is. Source: compatibility.md, broker, §2.4. */
export const ConfigureResource = Type.Object({
  maxFileTransferSize: optional(Type.Integer()),
  fileTransferTimeToLive: optional(Type.String()),
  purgeFileTransferAfterAllRecipientsConfirmed: optional(Type.Boolean()),
  purgeFileTransferGracePeriod: optional(Type.String()),
  useManifestFileShim: optional(Type.Boolean()),
  externalServiceCodeLegacy: optional(Type.String({ maxLength: 255 })),
  externalServiceEditionCodeLegacy: optional(Type.Integer({ minimum: -2147483648, maximum: 2147483647 })),
  requiredParty: optional(Type.String({ maxLength: 255 })),
});
export type ConfigureResource = Static<typeof ConfigureResource>;

/** Spans of time in the answer are `30.00:00:00`, as the original writes them. */
export const ResourceAnswer = Type.Object({
  maxFileTransferSize: Nullable(Type.Integer()),
  fileTransferTimeToLive: Nullable(Type.String()),
  purgeFileTransferAfterAllRecipientsConfirmed: Type.Boolean(),
  purgeFileTransferGracePeriod: Nullable(Type.String()),
  useManifestFileShim: Nullable(Type.Boolean()),
  externalServiceCodeLegacy: Nullable(Type.String()),
  externalServiceEditionCodeLegacy: Nullable(Type.Integer()),
  requiredParty: Nullable(Type.String()),
});
export type ResourceAnswer = Static<typeof ResourceAnswer>;

export const ResourceParams = Type.Object({ resourceId: Type.String({ minLength: 1, maxLength: 255 }) });

export const RegisterServiceOwner = Type.Object({ name: Type.String({ minLength: 1, maxLength: 500 }) });

export const ServiceOwnerAnswer = Type.Object({
  name: Type.String(),
  storageProviders: Type.Array(
    Type.Object({
      type: Enumeration('StorageProviderTypeExt', { AltinnAzure: 0, AltinnAzureWithoutVirusScan: 1 }),
      deploymentStatus: Enumeration('DeploymentStatusExt', { NotStarted: 0, DeployingResources: 1, Ready: 2 }),
      deploymentEnvironment: Type.String(),
    }),
  ),
});
export type ServiceOwnerAnswer = Static<typeof ServiceOwnerAnswer>;
