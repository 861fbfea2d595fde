/** What every EC2 type does alike: tags at birth, and tags changed later. */
import type { Properties, ResourceRequest } from '../cloudformation/resource-type';
import { type Ec2Tag, ec2Of, ec2Tags } from '../ec2/state';

export function tagsAtBirth(properties: Properties, request: ResourceRequest): Ec2Tag[] {
  return ec2Tags(request.tags(properties.Tags));
}

/** Gives the item exactly the tags of the template. Tags that others have put on it stay. */
export function updateTags(id: string, properties: Properties, request: ResourceRequest, previous: Properties): void {
  const item = ec2Of(request).tryTagged(id);
  if (!item) return;
  const before = new Set((previous.Tags ?? []).map(({ Key }: { Key: string }) => Key));
  const wanted = tagsAtBirth(properties, request);
  const keys = new Set(wanted.map(({ key }) => key));
  item.tagSet = [...item.tagSet.filter(({ key }) => !before.has(key) && !keys.has(key)), ...wanted];
}
