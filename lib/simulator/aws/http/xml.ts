/**
 * Writes answers as XML. Arrays become a wrapper with one element per item; how an item is called depends on the protocol
 * (`member` in Query, `item` in EC2), and a few lists name their own items or have no wrapper at all.
 */

/** A list whose items have their own name. */
export interface XmlList {
  readonly itemName: string;
  readonly items: readonly unknown[];
  /** Without a wrapper: the items repeat the list's place, under their own name. */
  readonly flat: boolean;
}

class NamedList implements XmlList {
  constructor(
    readonly itemName: string,
    readonly items: readonly unknown[],
    readonly flat: boolean,
  ) {}
}

export function listOf(itemName: string, items: readonly unknown[]): XmlList {
  return new NamedList(itemName, items, false);
}

export function flatList(itemName: string, items: readonly unknown[]): XmlList {
  return new NamedList(itemName, items, true);
}

/** One element with its content. Undefined and null members are left out. */
export function xmlElement(name: string, value: unknown, itemName: string, attributes = ''): string {
  if (value === undefined || value === null) return '';
  return `<${name}${attributes}>${xmlContent(value, itemName)}</${name}>`;
}

/** What stands between an element's tags. */
export function xmlContent(value: unknown, itemName: string): string {
  if (Array.isArray(value)) return value.map((item) => xmlElement(itemName, item, itemName)).join('');
  if (value instanceof NamedList) return value.items.map((item) => xmlElement(value.itemName, item, itemName)).join('');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([key, member]) =>
        member instanceof NamedList && member.flat ? xmlContent(member, itemName) : xmlElement(key, member, itemName),
      )
      .join('');
  }
  return escapeXml(String(value));
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"\r]/g, (c) =>
    c === '\r' ? '&#xD;' : `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[c]};`,
  );
}
