/**
 * What the annotations of an Ingress say beyond single words: listeners, actions, conditions, attributes.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
 */
import type { KubernetesObject } from '../../kubernetes/object';
import { annotation } from './load-balancer-model';

export const INGRESS_PREFIX = 'alb.ingress.kubernetes.io';

/** An annotation that cannot be read: the event says which and why. */
export class BadAnnotation extends Error {
  override readonly name = 'BadAnnotation';
}

export interface ListenPort {
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
}

/** `[{"HTTP": 80}, {"HTTPS": 443}]`. @default HTTPS on 443 with a certificate, HTTP on 80 without one */
export function listenPortsOf(ingress: KubernetesObject, hasCertificates: boolean): ListenPort[] {
  const entries = jsonAnnotation(ingress, 'listen-ports') as Record<string, number>[] | undefined;
  if (!entries) return [hasCertificates ? { protocol: 'HTTPS', port: 443 } : { protocol: 'HTTP', port: 80 }];
  return entries.flatMap((entry) =>
    Object.entries(entry).map(([protocol, port]): ListenPort => {
      if (protocol !== 'HTTP' && protocol !== 'HTTPS') {
        throw new BadAnnotation(`listen protocol must be HTTP or HTTPS: ${protocol}`);
      }
      return { protocol, port: Number(port) };
    }),
  );
}

/** `alb.ingress.kubernetes.io/actions.NAME`: what a backend of that name does, in the members of the API with small letters. */
export function actionOf(ingress: KubernetesObject, name: string): Readonly<Record<string, any>> {
  const action = jsonAnnotation(ingress, `actions.${name}`);
  if (action) return action as Record<string, any>;
  throw new BadAnnotation(`missing actions.${name} configuration`);
}

/** `alb.ingress.kubernetes.io/conditions.NAME`: further conditions of the rules that lead to a backend of that name. */
export function conditionsFor(ingress: KubernetesObject, name: string): Readonly<Record<string, any>>[] {
  const conditions = (jsonAnnotation(ingress, `conditions.${name}`) ?? []) as Record<string, any>[];
  return conditions.map((condition) => ({ Field: condition.field, ...capitalized(condition) }));
}

/** `a=1,b=2` -> `{ a: '1', b: '2' }`. */
export function pairsOf(object: KubernetesObject, prefix: string, name: string): Record<string, string> {
  const text = annotation(object, prefix, name) ?? '';
  const pairs = text.split(',').flatMap((pair) => {
    const equals = pair.indexOf('=');
    return equals < 0 ? [] : [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()] as const];
  });
  return Object.fromEntries(pairs);
}

function jsonAnnotation(ingress: KubernetesObject, name: string): unknown {
  const text = annotation(ingress, INGRESS_PREFIX, name);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadAnnotation(
      `failed to parse json annotation, ${INGRESS_PREFIX}/${name}: ${text}: ${(error as Error).message}`,
    );
  }
}

/** `{ redirectConfig: { statusCode } }` -> `{ RedirectConfig: { StatusCode } }`: the members of ELBv2's API. */
export function capitalized(value: any): any {
  if (Array.isArray(value)) return value.map(capitalized);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key === 'targetGroupARN' ? 'TargetGroupArn' : key.charAt(0).toUpperCase() + key.slice(1),
      capitalized(member),
    ]),
  );
}
