/**
 * Reads the XML of requests (S3, Route 53): elements and text. Attributes, comments and namespaces mean nothing there and
 * are passed over; a document type is refused.
 */
import { AwsError } from '../aws-error';

/** Text of a leaf, or children by name; every child is in a list, since one element looks like a list of one. */
export type XmlNode = string | { readonly [name: string]: readonly XmlNode[] };

const TOKEN = /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([\w:.-]+)[^<>]*?(\/?)>|([^<]+)/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** `<A><B>1</B><B>2</B></A>` -> `{ A: [{ B: ['1', '2'] }] }`. @throws MalformedXML */
export function readXml(text: string): { readonly [name: string]: readonly XmlNode[] } {
  const root = new Element('');
  const stack = [root];
  let end = 0;
  for (const token of text.matchAll(TOKEN)) {
    if (token.index !== end) throw malformed();
    end = token.index + token[0].length;
    const [, closing, name, selfClosing, content] = token;
    const top = stack[stack.length - 1]!;
    if (content !== undefined) top.text += content;
    else if (name === undefined) continue;
    else if (closing) {
      if (stack.length === 1 || top.name !== name) throw malformed();
      stack.pop();
    } else {
      const element = new Element(name);
      top.children.push(element);
      if (!selfClosing) stack.push(element);
    }
  }
  if (end !== text.length || stack.length !== 1) throw malformed();
  const node = root.toNode();
  return typeof node === 'string' ? {} : node;
}

class Element {
  readonly children: Element[] = [];
  text = '';

  constructor(readonly name: string) {}

  toNode(): XmlNode {
    if (this.children.length === 0) return unescapeXml(this.text);
    const members = new Map<string, XmlNode[]>();
    for (const child of this.children) members.set(child.name, [...(members.get(child.name) ?? []), child.toNode()]);
    return Object.fromEntries(members);
  }
}

function unescapeXml(text: string): string {
  return text.replace(/&(#x[0-9a-fA-F]+|#\d+|\w+);/g, (whole, entity: string) => {
    if (entity.startsWith('#x')) return String.fromCodePoint(Number.parseInt(entity.slice(2), 16));
    if (entity.startsWith('#')) return String.fromCodePoint(Number(entity.slice(1)));
    return ENTITIES[entity] ?? whole;
  });
}

function malformed(): AwsError {
  return new AwsError('MalformedXML', 'The XML you provided was not well-formed');
}

/** The text of the first child of that name. */
export function childText(node: XmlNode | undefined, name: string): string | undefined {
  const child = childrenOf(node, name)[0];
  return typeof child === 'string' ? child : undefined;
}

export function childrenOf(node: XmlNode | undefined, name: string): readonly XmlNode[] {
  return node === undefined || typeof node === 'string' ? [] : (node[name] ?? []);
}
