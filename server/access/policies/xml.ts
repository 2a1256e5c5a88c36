import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** An element with its namespace resolved, and where it stands. */
export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  readonly namespace: string;
  /** Those that have no prefix; declarations and attributes of other namespaces are left out. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own text without that of its children; comments are no part of it. */
  readonly text: string;
  /** `/Policy/Rule[2]/Target`, counted from one among elements of the same name. */
  readonly path: string;
  readonly line: number;
}

/** The text is not XML that is read here. The message says why and quotes nothing of it but names. */
export class XmlProblem extends Error {
  override readonly name = 'XmlProblem';
}

/** One MiB: a policy of a thousand rules. */
export const maxXmlLength = 1024 * 1024;
const maxDepth = 40;
/** Checking a text costs most by its tags. */
const maxTags = 50_000;

const metadata = XMLParser.getMetaDataSymbol() as symbol;
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  cdataPropName: '#cdata',
  ignoreDeclaration: true,
  ignorePiTags: true,
  captureMetaData: true,
  maxNestedTags: maxDepth,
});

/** As the parser gives it: one key that is the element's name or the kind of text, and its attributes under `:@`. */
type Node = Readonly<Record<string, unknown>>;

/**
 * Reads a text as XML 1.0 with namespaces and answers its root. No document type, hence no entities but the five that XML
 * itself has, and no character references; at most `maxXmlLength` characters, fifty
 * thousand tags and forty levels. Throws XmlProblem.
 */
export function readXml(given: string): XmlElement {
  if (given.length > maxXmlLength) throw new XmlProblem(`It is longer than ${maxXmlLength} characters.`);
  const text = given.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 forbids
  if (!text.isWellFormed() || /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text)) {
    throw new XmlProblem('It has characters that XML does not allow.');
  }
  if (text.split('<').length > maxTags) throw new XmlProblem(`It has more than ${maxTags} tags.`);
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw new XmlProblem('It has a document type, which is never read.');
  const root = parsed(text)[0];
  if (!root) throw new XmlProblem('It has no root element.');
  return elementOf(root, builtIn, '', 0, lineCounter(text));
}

function parsed(text: string): Node[] {
  const verdict = XMLValidator.validate(text);
  if (verdict !== true) throw new XmlProblem(`It is not well-formed, line ${verdict.err.line}.`);
  try {
    const nodes = (parser.parse(text) as Node[]).filter((node) => nameOf(node) !== '#text');
    if (nodes.length > 1) throw new XmlProblem('It has more than one root element.');
    return nodes;
  } catch (error) {
    if (error instanceof XmlProblem) throw error;
    throw new XmlProblem(`It is nested deeper than ${maxDepth} levels, or uses names that are reserved.`);
  }
}

/** The line of a place in the text. Places are asked for from the first to the last. */
function lineCounter(text: string): (index: number) => number {
  let [line, at] = [1, 0];
  return (index) => {
    for (; at < index; at += 1) if (text.charCodeAt(at) === 10) line += 1;
    return line;
  };
}

function startOf(node: Node): number {
  return (node as Readonly<Record<symbol, { readonly startIndex: number } | undefined>>)[metadata]?.startIndex ?? 0;
}

/** What an element declares itself, and around it what those above it do: never more of them than `maxDepth`. */
interface Namespaces {
  readonly own: ReadonlyMap<string, string>;
  readonly outer?: Namespaces;
}

const builtIn: Namespaces = { own: new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]) };

function nameOf(node: Node): string {
  return Object.keys(node).find((key) => key !== ':@') ?? '';
}

function elementOf(node: Node, outer: Namespaces, above: string, position: number, lineAt: (index: number) => number): XmlElement {
  const qualified = nameOf(node);
  const line = lineAt(startOf(node));
  const given = Object.entries((node[':@'] ?? {}) as Readonly<Record<string, string>>);
  const namespaces = declaredIn(given, outer);
  const [name, namespace] = resolved(qualified, namespaces, line);
  const path = `${above}/${name}${position === 0 ? '' : `[${position}]`}`;
  const attributes = new Map(given.flatMap(([key, value]) => (key === 'xmlns' || key.includes(':') ? [] : [[key, decoded(value, line)]])));
  let text = '';
  const children: XmlElement[] = [];
  const counted = new Map<string, number>();
  for (const child of node[qualified] as readonly Node[]) {
    const key = nameOf(child);
    if (key === '#text') text += decoded(child['#text'] as string, line);
    else if (key === '#cdata') text += (child['#cdata'] as readonly Node[]).map((part) => part['#text'] as string).join('');
    else {
      const local = key.slice(key.indexOf(':') + 1);
      const count = (counted.get(local) ?? 0) + 1;
      counted.set(local, count);
      children.push(elementOf(child, namespaces, path, count, lineAt));
    }
  }
  return { name, namespace, attributes, children, text, path, line };
}

function declaredIn(attributes: readonly (readonly [string, string])[], outer: Namespaces): Namespaces {
  const declared = attributes.filter(([key]) => key === 'xmlns' || key.startsWith('xmlns:'));
  if (declared.length === 0) return outer;
  return { own: new Map(declared.map(([key, value]) => [key === 'xmlns' ? '' : key.slice('xmlns:'.length), value])), outer };
}

function namespaceOf(prefix: string, namespaces: Namespaces): string | undefined {
  for (let at: Namespaces | undefined = namespaces; at; at = at.outer) {
    const found = at.own.get(prefix);
    if (found !== undefined) return found;
  }
  return undefined;
}

function resolved(qualified: string, namespaces: Namespaces, line: number): readonly [name: string, namespace: string] {
  const parts = qualified.split(':');
  if (parts.length > 2) throw new XmlProblem(`A name has more than one colon, line ${line}.`);
  const prefix = parts.length === 2 ? parts[0]! : '';
  const namespace = namespaceOf(prefix, namespaces);
  if (namespace === undefined && prefix !== '') throw new XmlProblem(`The prefix ${prefix} is not declared, line ${line}.`);
  return [parts.at(-1)!, namespace ?? ''];
}

const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'" };

function decoded(text: string, line: number): string {
  return text.replaceAll(/&[^;&]{0,20};?/g, (reference) => {
    const meant = entities[reference];
    if (meant === undefined) throw new XmlProblem(`It refers to an entity or a character that is not read, line ${line}.`);
    return meant;
  });
}
