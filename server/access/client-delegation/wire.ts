import Type, { type Static } from 'typebox';
import { Nullable, personal, Uuid } from '#kernel/schema.ts';

const End = Type.Object({ id: Uuid, name: personal(Type.String()), organizationIdentifier: Nullable(Type.String()) });
const list = <T extends Parameters<typeof Type.Array>[0]>(item: T) =>
  Type.Object({ links: Type.Object({ next: Nullable(Type.String()) }), data: Type.Array(item) });

export const PartyQuery = Type.Object({ party: Uuid, token: Type.Optional(Nullable(Uuid)) });
export const AgentQuery = Type.Object({ party: Uuid, to: Uuid });
/** Where the page before ended, as its `links.next` has it. */
const token = Type.Optional(Nullable(Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 2000 })));
export const AgentsQuery = Type.Object({ party: Uuid, to: Uuid, token });
export type AgentsQuery = Static<typeof AgentsQuery>;
export const OwnQuery = Type.Object({ token });
export const NewAgentQuery = Type.Object({ party: Uuid, to: Type.Optional(Nullable(Uuid)) });
/** `from` is the client, `to` the agent; the package by URN or code. */
export const PackageQuery = Type.Object({ party: Uuid, from: Uuid, to: Uuid, package: Type.String({ minLength: 1, maxLength: 200 }) });
export type PackageQuery = Static<typeof PackageQuery>;

export const ClientPage = list(Type.Object({ client: End, packages: Type.Array(Type.String()) }));
export type ClientPage = Static<typeof ClientPage>;
export const AgentPage = list(Type.Object({ agent: End }));
export type AgentPage = Static<typeof AgentPage>;
export const DelegationList = list(Type.Object({ client: End, agent: End, packages: Type.Array(Type.String()) }));
export type DelegationList = Static<typeof DelegationList>;
