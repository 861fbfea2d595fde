/** EKS's resource types have the members of its API, with a capital: `RoleArn` is `roleArn`. */
import type { Properties } from '../cloudformation/resource-type';
import type { WireObject } from '../service';

/** Members whose own members are data: keys stay as they are. */
const MAPS = new Set(['Labels', 'labels', 'Tags']);

/** `{ RoleArn, ScalingConfig: { MinSize: '1' } }` -> `{ roleArn, scalingConfig: { minSize: '1' } }`; 'true' becomes true. */
export function apiMembers(properties: Properties): WireObject {
  return convert(properties) as WireObject;
}

function convert(value: unknown): unknown {
  if (value === 'true') return true;
  if (value === 'false') return false;
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.charAt(0).toLowerCase() + key.slice(1),
      MAPS.has(key) ? member : convert(member),
    ]),
  );
}
