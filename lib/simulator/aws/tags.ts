/** Tags: on the wire a list of `{Key, Value}` (EC2: `{key, value}`), in EKS and IAM policies a map. */

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export type TagMap = Readonly<Record<string, string>>;

export function tagsToMap(tags: readonly Tag[] | undefined): TagMap {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value ?? '']));
}

export function tagsFromMap(tags: TagMap | undefined): Tag[] {
  return Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value: String(Value) }));
}

/** `changes` win over `tags`; order of first appearance. */
export function mergeTags(tags: readonly Tag[], changes: readonly Tag[]): Tag[] {
  const merged = new Map(tags.map((tag) => [tag.Key, tag]));
  for (const tag of changes) merged.set(tag.Key, { Key: tag.Key, Value: tag.Value ?? '' });
  return [...merged.values()];
}
