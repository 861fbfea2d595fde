/**
 * A type that is not simulated and that somebody explicitly lets pass: it is recorded and makes nothing. Any attribute of
 * it is a text that says whose it is.
 */
import type { ResourceType } from '../cloudformation/resource-type';

export function unknownType(typeName: string): ResourceType {
  return {
    typeName,
    create: (_properties, request) => request.generatedName(64),
    update: () => {},
    delete: () => {},
    attribute: (name, id) => `${id}.${name}`,
  };
}
