/** What a manifest tells of a transfer. */
export interface ManifestFacts {
  /** Of the service in Altinn 2; null: left out. */
  readonly serviceCode: string | null;
  readonly serviceEditionCode: number | null;
  readonly sendersReference: string | null;
  /** As the sender wrote itself. */
  readonly senderGiven: string;
  readonly createdAt: Date;
  readonly fileName: string;
  readonly propertyList: Readonly<Record<string, string>>;
}

const namespace = 'http://schema.altinn.no/services/ServiceEngine/Broker/2015/06';

/**
 * Pure. `manifest.xml` as Altinn 2's clients read it beside their files: UTF-16 with its mark, indented, in the order of its schema. The
 * time is Norway's and says no zone. Source: compatibility.md, broker, §7.
 */
export function manifestXml(facts: ManifestFacts): Buffer {
  const { serviceCode, serviceEditionCode, sendersReference, senderGiven, createdAt, fileName, propertyList } = facts;
  const properties = Object.entries(propertyList).map(([key, value]) =>
    element('Property', [element('PropertyKey', key), element('PropertyValue', value)]),
  );
  const members = [
    ...(serviceCode === null ? [] : [element('ExternalServiceCode', serviceCode)]),
    ...(serviceEditionCode === null ? [] : [element('ExternalServiceEditionCode', String(serviceEditionCode))]),
    element('SendersReference', sendersReference ?? ''),
    element('Reportee', senderGiven.slice(senderGiven.indexOf(':') + 1)),
    element('SentDate', timeInOslo(createdAt)),
    element('FileList', [element('File', [element('FileName', fileName)])]),
    element('PropertyList', properties),
  ];
  const root = `BrokerServiceManifest xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns="${namespace}"`;
  const lines = [`<?xml version="1.0" encoding="utf-16"?>`, `<${root}>`, ...members.flat().map(indented), '</BrokerServiceManifest>'];
  return Buffer.from(`\uFEFF${lines.join('\n')}`, 'utf16le');
}

function element(name: string, content: string | readonly string[][]): string[] {
  if (content.length === 0) return [`<${name} />`];
  if (typeof content === 'string') return [`<${name}>${escaped(content)}</${name}>`];
  return [`<${name}>`, ...content.flat().map(indented), `</${name}>`];
}

const indented = (line: string): string => `  ${line}`;

/** What XML 1.0 cannot hold is left out. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#xD;');
}

const oslo = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Oslo', dateStyle: 'short', timeStyle: 'medium' });

function timeInOslo(at: Date): string {
  const millis = String(at.getUTCMilliseconds()).padStart(3, '0').replace(/0+$/, '');
  return `${oslo.format(at).replace(' ', 'T')}${millis && `.${millis}`}`;
}
