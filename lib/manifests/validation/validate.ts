/**
 * Everything that can be known to be wrong with an application before a cluster has seen it: what the API server would say to
 * each object, and what no server ever says because it looks at one object at a time. All findings at once, errors first.
 *
 * A finding that is meant to be is accepted by name: `service.accept('service-selects-nothing')`, or, in YAML, with the annotation
 * `eks-drydock/accept: service-selects-nothing`.
 */
import type { IConstruct } from 'constructs';
import type { KubernetesObject } from '../../kubernetes/object';
import { UserError } from '../../kubernetes/user-error';
import { describeOrigin } from '../origin';
import { withoutNulls } from '../plain-data';
import { acceptedRulesOf, originOf, synthesize } from '../synthesis';
import { checkWithApi } from './api-check';
import { AppModel } from './app-model';
import { CustomKinds } from './custom-resources';
import type { Finding, Severity } from './finding';
import type { Answer } from './rule';
import { rules } from './rules';
import { checkTarget, NEWEST } from './versions';

/** Rule ids, separated by commas. */
export const ACCEPT_ANNOTATION = 'eks-drydock/accept';

export interface ValidateOptions {
  /** Also tell what works and is regretted later. @default false */
  readonly advice?: boolean;
  /** The release that the objects are for, from `1.29` on. @default 1.35 */
  readonly kubernetesVersion?: string;
}

/**
 * @param app an App, a Chart, or objects from anywhere
 * @returns errors before warnings before advice, and each in the order of the objects
 * @throws UserError when the app cannot be synthesised at all (two objects of one name, a circle of dependencies)
 */
export function validate(app: IConstruct | readonly KubernetesObject[], options: ValidateOptions = {}): Finding[] {
  const target = checkTarget(options.kubernetesVersion ?? NEWEST);
  const objects = isList(app) ? app : synthesize(app);
  const found: { readonly finding: Finding; readonly place: number }[] = [];
  let places: Map<KubernetesObject, number> | undefined;
  const placeOf = (object: KubernetesObject): number => {
    places ??= new Map(objects.map((each, place) => [each, place]));
    return places.get(object)!;
  };
  const add = (object: KubernetesObject, rule: string, severity: Severity, answer: Answer) => {
    if ((answer.severity ?? severity) === 'advice' && !options.advice) return;
    if (isAccepted(object, rule)) return;
    found.push({
      finding: makeFinding(object, rule, answer.severity ?? severity, answer),
      place: placeOf(object),
    });
  };
  // What is looked at is what the server would see; what is told is about the object as it was given.
  const given = new Map<KubernetesObject, KubernetesObject>();
  const seen = objects.map((object) => {
    const clean = asSeen(object);
    if (clean !== object) given.set(clean, object);
    return clean;
  });
  const readable: KubernetesObject[] = [];
  const custom = new CustomKinds(seen.filter((object) => isSound(object, target)));
  for (const object of seen) {
    const { problems, readable: canBeRead } = checkWithApi(object, custom, target);
    for (const { rule, ...answer } of problems) add(given.get(object) ?? object, rule, 'error', answer);
    // What cannot be read was said once; rules would only guess.
    if (canBeRead) readable.push(object);
  }
  const model = new AppModel(readable);
  for (const { id, severity, check } of rules) {
    if (severity === 'advice' && !options.advice) continue;
    check(model, (object, answer) => add(given.get(object) ?? object, id, severity, answer));
  }
  found.sort((a, b) => RANK[a.finding.severity] - RANK[b.finding.severity] || a.place - b.place);
  return found.map(({ finding }) => finding);
}

/** Without nulls, and with metadata. */
function asSeen(object: KubernetesObject): KubernetesObject {
  const clean = withoutNulls(object);
  return clean.metadata === undefined ? { ...clean, metadata: {} } : clean;
}

const NO_DEFINITIONS = new CustomKinds([]);

/** A definition in which something is wrong says nothing of its resources. */
function isSound(object: KubernetesObject, target: string): boolean {
  if (object.kind !== 'CustomResourceDefinition') return false;
  return checkWithApi(object, NO_DEFINITIONS, target).problems.every(({ severity }) => severity === 'warning');
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, advice: 2 };

const isList = (app: IConstruct | readonly KubernetesObject[]): app is readonly KubernetesObject[] =>
  Array.isArray(app);

function makeFinding(object: KubernetesObject, rule: string, severity: Severity, answer: Answer): Finding {
  const { apiVersion, kind, metadata } = object;
  const origin = originOf(object);
  return {
    rule,
    severity,
    message: answer.message,
    ...(answer.fix === undefined ? {} : { fix: answer.fix }),
    ...(answer.field === undefined ? {} : { field: answer.field }),
    object: {
      apiVersion,
      kind,
      ...(metadata?.namespace === undefined ? {} : { namespace: metadata.namespace }),
      name: metadata?.name ?? metadata?.generateName ?? '',
    },
    ...(origin === undefined ? {} : { origin }),
  };
}

function isAccepted(object: KubernetesObject, rule: string): boolean {
  if (acceptedRulesOf(object)?.has(rule)) return true;
  const annotation = object.metadata?.annotations?.[ACCEPT_ANNOTATION];
  return annotation?.split(',').some((id) => id.trim() === rule) ?? false;
}

/** `error: Service "web": ... [rule]`, with the place and the fix below it. */
export function describeFinding({ rule, severity, message, fix, object, origin }: Finding): string {
  const where = object.namespace === undefined ? '' : ` in namespace "${object.namespace}"`;
  const lines = [`${severity}: ${object.kind} "${object.name}"${where}: ${message} [${rule}]`];
  if (origin !== undefined) lines.push(`  at ${describeOrigin(origin)}`);
  if (fix !== undefined) lines.push(`  fix: ${fix}`);
  return lines.join('\n');
}

/** @throws UserError that tells all errors at once; warnings are no reason. */
export function refuseErrors(findings: readonly Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  const count = errors.length === 1 ? 'one mistake' : `${errors.length} mistakes`;
  const message = `the manifests have ${count}:\n\n${errors.map(describeFinding).join('\n\n')}`;
  throw new UserError('InvalidManifests', message, 'Nothing was sent to the cluster. Correct them and try again.');
}
