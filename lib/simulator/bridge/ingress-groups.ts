/**
 * Which Ingresses are the load balancer controller's, and which of them share one load balancer.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#ingressgroup
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/ingress_class/
 */
import { isTerminating, type KubernetesObject } from '../../kubernetes/object';
import type { Store } from '../cluster/store';
import { INGRESS_PREFIX } from './ingress-annotations';
import { annotation } from './load-balancer-model';

export const ALB_CONTROLLER = 'ingress.k8s.aws/alb';
/** Auto Mode has it built in, under another name. */
const ALB_CONTROLLERS = [ALB_CONTROLLER, 'eks.amazonaws.com/alb'];
export const CLASS_PARAMS = 'ingressclassparams.elbv2.k8s.aws';

/** What an IngressClassParams object sets for all Ingresses of a class; it wins over their annotations. */
export type ClassParams = Readonly<Record<string, any>>;

export interface IngressMember {
  readonly ingress: KubernetesObject;
  readonly params: ClassParams;
}

export interface IngressGroup {
  /** `<namespace>/<name>` of the only member, or the group's name. */
  readonly stack: string;
  /** Set when Ingresses named a group. */
  readonly name?: string;
  readonly finalizer: string;
  /** In the order of `group.order`, then of their names. */
  readonly members: readonly IngressMember[];
}

/** Undefined for an Ingress of another controller. */
export function tryMember(store: Store, ingress: KubernetesObject): IngressMember | undefined {
  const annotated = ingress.metadata.annotations?.['kubernetes.io/ingress.class'];
  if (annotated !== undefined) return annotated === 'alb' ? { ingress, params: {} } : undefined;
  const { ingressClassName } = ingress.spec;
  if (ingressClassName === undefined) return undefined;
  const { controller, parameters } =
    store.get('ingressclasses.networking.k8s.io', undefined, ingressClassName)?.spec ?? {};
  if (!ALB_CONTROLLERS.includes(controller)) return undefined;
  const params =
    parameters?.kind === 'IngressClassParams' ? store.get(CLASS_PARAMS, undefined, parameters.name)?.spec : undefined;
  return { ingress, params: params ?? {} };
}

/** The group of an Ingress that is the controller's. */
export function groupOf(store: Store, member: IngressMember): IngressGroup {
  const { namespace, name } = member.ingress.metadata;
  const group = groupName(member);
  if (group === undefined) {
    const members = isTerminating(member.ingress) ? [] : [member];
    return { stack: `${namespace}/${name}`, finalizer: 'ingress.k8s.aws/resources', members };
  }
  return namedGroup(store, group);
}

export function namedGroup(store: Store, name: string): IngressGroup {
  const members = [...store.list('ingresses.networking.k8s.io')]
    .filter((ingress) => !isTerminating(ingress))
    .flatMap((ingress) => tryMember(store, ingress) ?? [])
    .filter((member) => groupName(member) === name);
  const order = ({ ingress }: IngressMember) => Number(annotation(ingress, INGRESS_PREFIX, 'group.order') ?? 0);
  const key = ({ ingress: { metadata } }: IngressMember) => `${metadata.namespace}/${metadata.name}`;
  members.sort((a, b) => order(a) - order(b) || (key(a) < key(b) ? -1 : 1));
  return { stack: name, name, finalizer: `group.ingress.k8s.aws/${name}`, members };
}

function groupName({ ingress, params }: IngressMember): string | undefined {
  return params.group?.name ?? annotation(ingress, INGRESS_PREFIX, 'group.name');
}

/** The groups whose finalizers an Ingress still carries. */
export function finalizedGroups({
  metadata,
}: KubernetesObject): { readonly stack: string; readonly finalizer: string }[] {
  return (metadata.finalizers ?? []).flatMap((finalizer) => {
    if (finalizer === 'ingress.k8s.aws/resources')
      return { stack: `${metadata.namespace}/${metadata.name}`, finalizer };
    const name = /^group\.ingress\.k8s\.aws\/(.+)$/.exec(finalizer)?.[1];
    return name === undefined ? [] : { stack: name, finalizer };
  });
}
