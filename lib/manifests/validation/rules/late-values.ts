/** Values that are known only after a deployment, where they cannot stand. */
import type { KubernetesObject } from '../../../kubernetes/object';
import { referencesIn } from '../../../stack-output';
import { holdsToken, isNumberToken } from '../../tokens';
import type { Rule } from '../rule';

export const lateIdentity: Rule = {
  id: 'late-identity',
  severity: 'error',
  see: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html',
  about: 'What an object is called, where it lives and what selects it must be known before any stack is deployed.',
  check(app, report) {
    for (const object of app.objects) {
      if (!hasPlaceholder(object)) continue;
      for (const [field, text] of identityOf(object)) {
        const [reference] = referencesIn(text);
        if (reference === undefined) continue;
        report(object, {
          field,
          message: `${field} is the output ${reference.output} of stack ${reference.stack}, which is not known yet`,
          fix: 'write a name of your own; outputs may stand in values, images and annotations',
        });
      }
    }
  },
};

/** The quick look: hardly any object has one. */
function hasPlaceholder({ metadata: { name, namespace, labels } }: KubernetesObject): boolean {
  if (name?.includes('$') || namespace?.includes('$')) return true;
  for (const key in labels) if (key.includes('$') || labels[key]?.includes('$')) return true;
  return false;
}

function* identityOf(object: KubernetesObject): Generator<readonly [string, string]> {
  const { name, namespace, labels } = object.metadata;
  if (name !== undefined) yield ['metadata.name', name];
  if (namespace !== undefined) yield ['metadata.namespace', namespace];
  for (const key in labels) {
    yield [`metadata.labels[${key}]`, key];
    yield [`metadata.labels[${key}]`, labels[key]!];
  }
}

export const cdkToken: Rule = {
  id: 'cdk-token',
  severity: 'error',
  see: 'https://docs.aws.amazon.com/cdk/v2/guide/tokens.html',
  about:
    'A token of the CDK means something to CloudFormation only; in a manifest, its value must be an output of the stack.',
  check(app, report) {
    // Where the CDK keeps what its tokens mean: without it there are none, and no text has to be looked at.
    if (!('__cdkTokenMap' in globalThis)) return;
    for (const object of app.objects) {
      const field = tokenIn(object, '');
      if (field === undefined) continue;
      report(object, {
        field,
        message: `${field} holds a token of the CDK, whose value only CloudFormation will know`,
        fix: "give the stack a CfnOutput with this value, and write stackOutput('<stack>', '<output>')",
      });
    }
  },
};

function tokenIn(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') return holdsToken(value) ? path : undefined;
  if (typeof value === 'number') return isNumberToken(value) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const key in value) {
    const step = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const found = tokenIn((value as Record<string, unknown>)[key], step);
    if (found !== undefined) return found;
  }
  return undefined;
}
