import type { ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { registryErrors as e } from './errors.ts';
import type { Registered } from './store.ts';
import type { ResourceDocument } from './wire.ts';

/** What the original takes for a member that was left out. Source: compatibility.md, platform, §2.8. */
const defaults = {
  delegable: true,
  visible: true,
  accessListMode: 'Disabled',
  selfIdentifiedUserEnabled: false,
  enterpriseUserEnabled: false,
  isOneTimeConsent: false,
} as const;

const identifier = /^[a-z0-9_-]{4,200}$/;

/** Pure. Refuses identifierInvalid, rightDescriptionMissing, fallbackMisfit, personMisfit: what a new document must fulfil beyond its shape. */
export function checkDocument(document: ResourceDocument, { isNew }: { readonly isNew: boolean }): void {
  const { identifier: id, delegable = true, rightDescription, budstikke } = document;
  if (isNew && (!identifier.test(id) || /^(se|app)_/.test(id))) throw refuse(e.identifierInvalid);
  if (delegable && !rightDescription) throw refuse(e.rightDescriptionMissing);
  if ((budstikke?.unreachable === 'fallback') !== Boolean(budstikke?.fallbackParty)) throw refuse(e.fallbackMisfit);
  if (budstikke?.demandsPerson && document.resourceType === 'BrokerService') throw refuse(e.personMisfit);
}

/**
 * Pure. A resource as clients see it: its document, and what holds now of type, title, owner, lists, fallback and who must open, which a town
 * document may have changed since. One that nobody wrote a document for has a small one.
 */
export function showResource(row: Registered, document: ResourceDocument | null = row.document): Record<string, unknown> {
  const name = { nb: row.ownerName, nn: row.ownerName, en: row.ownerName };
  const authority = document?.hasCompetentAuthority;
  return {
    ...defaults,
    description: row.title,
    rightDescription: row.title,
    contactPoints: [],
    keywords: [],
    resourceReferences: [],
    status: 'Active',
    ...document,
    identifier: row.id,
    title: row.title,
    resourceType: row.type,
    accessListMode: row.hasLists ? 'Enabled' : 'Disabled',
    hasCompetentAuthority: {
      organization: row.ownerNumber,
      orgcode: row.orgCode ?? authority?.orgcode ?? null,
      name: authority?.organization === row.ownerNumber ? (authority.name ?? name) : name,
    },
    versionId: row.versionId,
    authorizationReference: [{ id: 'urn:altinn:resource', value: row.id }],
    budstikke: {
      unreachable: row.unreachable,
      fallbackParty: row.fallbackNumber,
      ...(document?.budstikke?.keepUnreadDays === undefined ? {} : { keepUnreadDays: document.budstikke.keepUnreadDays }),
      ...(row.demandsPerson ? { demandsPerson: true } : {}),
    },
  };
}

/** Pure. An earlier version, as it was written. */
export function showVersion(row: Registered, document: ResourceDocument, versionId: number): Record<string, unknown> {
  const { identifier: _, ...written } = document;
  return { ...defaults, ...written, identifier: row.id, versionId, authorizationReference: [{ id: 'urn:altinn:resource', value: row.id }] };
}

/** Resources are named with or without the URN. */
export function resourceIdOf(text: string): ResourceId {
  return text.replace(/^urn:altinn:resource:/i, '') as ResourceId;
}
