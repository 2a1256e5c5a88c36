import type { Context } from '#kernel/context.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { showResource, showVersion } from './document.ts';
import { registryErrors as e } from './errors.ts';
import { findDocument, findRegistered, listOrgs, listRegistered, type Registered } from './store.ts';
import type { SearchQuery } from './wire.ts';

/** A resource as it stands, or as a version of it was written. Refuses resourceNotFound. Source: compatibility.md, platform, §2.8. */
export async function getResource(ctx: Context, id: ResourceId, versionId?: number): Promise<Record<string, unknown>> {
  const row = await findRegistered(ctx.db, id);
  if (!row || row.deletedAt) throw refuse(e.resourceNotFound, { id });
  if (versionId === undefined || versionId === row.versionId) return showResource(row);
  const earlier = await findDocument(ctx.db, id, versionId);
  if (!earlier) throw refuse(e.resourceNotFound, { id });
  return showVersion(row, earlier.document, versionId);
}

/** Every resource, whoever made it. */
export async function listResources(ctx: Context): Promise<Record<string, unknown>[]> {
  return (await listRegistered(ctx.db)).map((row) => showResource(row));
}

/** Resources that have every word that is asked for, in any language and case. */
export async function searchResources(ctx: Context, query: SearchQuery): Promise<Record<string, unknown>[]> {
  return (await listRegistered(ctx.db)).map((row) => showResource(row)).filter((shown) => isMeant(shown, query));
}

function isMeant(shown: Record<string, unknown>, { id, title, description, resourceType, keyword }: SearchQuery): boolean {
  const has = (value: unknown, word: string | undefined) =>
    word === undefined ||
    JSON.stringify(Object.values(value ?? {}))
      .toLowerCase()
      .includes(word.toLowerCase());
  return (
    has([shown.identifier], id) &&
    has(shown.title, title) &&
    has(shown.description, description) &&
    (resourceType === undefined || shown.resourceType === resourceType) &&
    has(
      (shown.keywords as { word?: string }[] | null)?.map(({ word }) => word),
      keyword,
    )
  );
}

/** Who owns services, by code. */
export async function listServiceOwners(ctx: Context) {
  const rows = await listOrgs(ctx.db);
  const orgs = rows.map(({ code, number, name }) => [code, { name: { nb: name, nn: name, en: name }, orgnr: number, environments: [] }]);
  return { orgs: Object.fromEntries(orgs) };
}

/** Visible resources as a catalogue of public services (CPSV-AP) in RDF/XML. */
export async function exportResources(ctx: Context): Promise<string> {
  const rows = (await listRegistered(ctx.db)).filter(({ document }) => document?.visible !== false);
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/"',
    '  xmlns:cpsv="http://purl.org/vocab/cpsv#" xmlns:cv="http://data.europa.eu/m8g/" xmlns:org="http://www.w3.org/ns/org#">',
    ...rows.map(asService),
    '</rdf:RDF>',
  ].join('\n');
}

function asService({ id, title, document, ownerNumber, ownerName }: Registered): string {
  const texts = (name: string, all: Readonly<Record<string, string>>) =>
    Object.entries(all).map(([language, text]) => `    <dct:${name} xml:lang="${language}">${escaped(text)}</dct:${name}>`);
  const owner = `https://data.brreg.no/enhetsregisteret/api/enheter/${ownerNumber}`;
  return [
    `  <cpsv:PublicService rdf:about="urn:altinn:resource:${escaped(id)}">`,
    `    <dct:identifier>${escaped(id)}</dct:identifier>`,
    ...texts('title', { ...title }),
    ...texts('description', { ...(document?.description ?? title) }),
    `    <cv:hasCompetentAuthority><org:Organization rdf:about="${owner}"><dct:title>${escaped(ownerName)}</dct:title></org:Organization></cv:hasCompetentAuthority>`,
    '  </cpsv:PublicService>',
  ].join('\n');
}

function escaped(text: string): string {
  // control characters have no place in XML, not even escaped
  const printable = [...text].filter((c) => c >= ' ' || c === '\n' || c === '\t').join('');
  return printable.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
