/**
 * Takes objects that are written elsewhere into an app: plain YAML as kubectl reads it, or objects that another program made. They
 * inherit from their scope and can be edited like all others.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Construct } from 'constructs';
import type { KubernetesObject, ObjectMeta } from '../kubernetes/object';
import { UserError } from '../kubernetes/user-error';
import { ApiObject } from './api-object';
import type { SourceLocation } from './origin';
import { readObjects } from './yaml-reader';

/**
 * Every object of a YAML or JSON file: several documents, and Lists.
 * @param file relative to the working directory
 * @returns the constructs, in the order of the file
 * @throws UserError when the file is not there, is no YAML, or holds something that is no Kubernetes object
 */
export function includeYamlFile(scope: Construct, file: string): ApiObject[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UserError('NoSuchFile', `cannot read ${file}: ${(cause as Error).message}`, 'Check the path.');
  }
  return readObjects(text, file).map(({ object, line }) => {
    return includeObject(scope, object, { file: resolve(file), line });
  });
}

/** Every object of a YAML text, e.g. of a template that was rendered in the program. */
export function includeYaml(scope: Construct, text: string): ApiObject[] {
  return readObjects(text, `YAML in ${scope.node.path || 'the app'}`).map(({ object }) => includeObject(scope, object));
}

/** What any library calls a Kubernetes object, e.g. the interfaces of @kubernetes/client-node. */
export interface ForeignObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: object;
}

/** One finished object, whoever made it. */
export function includeObject<T extends ForeignObject>(
  scope: Construct,
  object: T,
  source?: SourceLocation,
): ApiObject {
  const { name = '' } = (object.metadata ?? {}) as ObjectMeta;
  const known = object as ForeignObject as KubernetesObject;
  return new ApiObject(scope, name, known, source === undefined ? {} : { source });
}
