/**
 * Does an applied configuration fit its type? Server-side apply asks before it merges and, whatever `fieldValidation`
 * says, answers 500 with these texts when it does not: `.spec.replica: field not declared in schema`.
 */
import { type FieldPath, fieldElement, pathText } from './field-set';
import { goFormat, goSyntax, goType } from './go-format';
import { isObject, type JsonObject } from './json';
import { itemElement } from './list-items';
import { isScalar, type ScalarType, type Topology } from './topology';
import { TypedErrors, type TypedProblem } from './typed-errors';

/** @throws TypedErrors with everything that is wrong. */
export function validateTyped(topology: Topology, value: unknown): void {
  const problems: TypedProblem[] = [];
  validate(topology, value, { path: [], problems });
  if (problems.length > 0) throw new TypedErrors(problems);
}

interface Place {
  readonly path: FieldPath;
  readonly problems: TypedProblem[];
}

const report = (place: Place, message: string): void => {
  place.problems.push({ path: pathText(place.path), message });
};

function validate(topology: Topology, value: unknown, place: Place): void {
  if (value === null || value === undefined) return;
  switch (topology.kind) {
    case 'scalar': {
      const problem = scalarProblem(topology.scalar, value);
      if (problem !== undefined) report(place, problem);
      return;
    }
    case 'list':
      if (Array.isArray(value)) validateItems(topology, value, place);
      else report(place, `expected list, got &{${goFormat(value)}}`);
      return;
    case 'map':
      if (isObject(value)) validateFields(topology, value, place);
      else report(place, `expected map, got &{${goFormat(value)}}`);
      return;
    default:
      return;
  }
}

function scalarProblem(type: ScalarType, value: unknown): string | undefined {
  switch (type) {
    case 'number':
      return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goType(value)}`;
    case 'string':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goFormat(value)}}`;
    default:
      return isScalar(value) ? undefined : `expected any scalar, got &{${goFormat(value)}}`;
  }
}

function validateFields(topology: Topology, value: JsonObject, place: Place): void {
  for (const name of Object.keys(value)) {
    const below = { path: [...place.path, fieldElement(name)], problems: place.problems };
    const child = topology.child(name);
    if (child === undefined) {
      report(below, 'field not declared in schema');
      return; // as the server: the first unknown field ends the look at this object
    }
    validate(child, value[name], below);
  }
}

function validateItems(list: Topology, items: readonly unknown[], place: Place): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    let element = `i:${index}`;
    if (!list.atomic) {
      try {
        element = itemElement(list, item);
      } catch (error) {
        report(place, `element ${index}: ${(error as Error).message}`);
        return;
      }
      if (seen.has(element)) report(place, `duplicate entries for key ${pathText([element])}`);
      seen.add(element);
    }
    validate(list.items, item, { path: [...place.path, element], problems: place.problems });
  }
}
