/**
 * A value that exists only after a deployment, as a text that can stand in a manifest: the output of a stack, by both names.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
 *
 * It is written as `${stack-output:shop-storage.BucketName}`, which nothing else means: shells know no colon after a name that is none,
 * Kubernetes expands `$(...)`, and CDK tokens start with `${Token[`. Whoever knows the outputs puts them in before objects are sent.
 */

export interface StackOutputReference {
  readonly stack: string;
  readonly output: string;
}

const PREFIX = '${'.concat('stack-output:');
const REFERENCE = /\$\{stack-output:([A-Za-z][A-Za-z0-9-]*)\.([A-Za-z0-9]+)\}/g;

export const referenceText = ({ stack, output }: StackOutputReference): string => `${PREFIX}${stack}.${output}}`;

/** The outputs that a text refers to, in their order. */
export function referencesIn(text: string): StackOutputReference[] {
  if (!text.includes(PREFIX)) return [];
  return [...text.matchAll(REFERENCE)].map(([, stack, output]) => ({ stack: stack!, output: output! }));
}

/** The text with the values in the place of the references; those that `lookUp` does not know stay. */
export function fillIn(text: string, lookUp: (reference: StackOutputReference) => string | undefined): string {
  if (!text.includes(PREFIX)) return text;
  return text.replaceAll(REFERENCE, (whole, stack: string, output: string) => lookUp({ stack, output }) ?? whole);
}
