import Type, { type Static } from 'typebox';
import { Nullable, Timestamp, Uuid } from '#kernel/schema.ts';

export const SystemId = Type.String({ pattern: '^[0-9A-Za-z_.-]{3,200}$' });
const Text = Type.String({ minLength: 1, maxLength: 2000 });
const Texts = Type.Object({ nb: Text, nn: Text, en: Text });

/** A right to a resource, as the register of systems names it. */
export const SystemRight = Type.Object({
  action: Type.Optional(Nullable(Type.String({ pattern: '^[A-Za-z][A-Za-z-]{0,49}$' }))),
  resource: Type.Array(
    Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }), value: Type.String({ minLength: 1, maxLength: 255 }) }),
    {
      minItems: 1,
      maxItems: 1,
    },
  ),
});
export const SystemPackage = Type.Object({ urn: Type.String({ minLength: 1, maxLength: 200 }) });
export type SystemRight = Static<typeof SystemRight>;

export const Rights = Type.Array(SystemRight, { maxItems: 200 });
export const Packages = Type.Array(SystemPackage, { maxItems: 200 });

/** What a vendor registers. */
export const SystemInput = Type.Object({
  id: SystemId,
  vendor: Type.Object({
    authority: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
    ID: Type.String({ pattern: '^0192:\\d{9}$' }),
  }),
  name: Texts,
  description: Texts,
  rights: Type.Optional(Nullable(Rights)),
  accessPackages: Type.Optional(Nullable(Packages)),
  clientId: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 50 }),
  isVisible: Type.Optional(Type.Boolean()),
  allowedRedirectUrls: Type.Optional(Nullable(Type.Array(Type.String({ pattern: '^https?://[^\\s#]{1,1000}$' }), { maxItems: 50 }))),
});
export type SystemInput = Static<typeof SystemInput>;

const shared = {
  systemId: Type.String(),
  systemVendorOrgNumber: Type.String(),
  systemVendorOrgName: Type.String(),
  name: Texts,
  description: Texts,
  rights: Rights,
  accessPackages: Packages,
  isVisible: Type.Boolean(),
};

/** A system as everybody sees it. */
export const SystemView = Type.Object(shared);
export type SystemView = Static<typeof SystemView>;

/** A system as its vendor sees it. */
export const VendorsSystem = Type.Object({
  ...shared,
  internalId: Uuid,
  clientId: Type.Array(Type.String()),
  allowedRedirectUrls: Type.Array(Type.String()),
  isDeleted: Type.Boolean(),
});
export type VendorsSystem = Static<typeof VendorsSystem>;

export const SystemIdParam = Type.Object({ systemId: SystemId });
export const Done = Type.Object({ success: Type.Boolean() });

export const ChangeLog = Type.Array(
  Type.Object({
    id: Uuid,
    systemInternalId: Uuid,
    changeType: Type.String(),
    clientId: Nullable(Type.String()),
    changedData: Type.Unknown(),
    created: Timestamp,
  }),
);
export type ChangeLog = Static<typeof ChangeLog>;
