/** NetworkPolicies: who may talk to whom. https://kubernetes.io/docs/concepts/services-networking/network-policies/ */
import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { formatSelector } from '../selectors';
import { rangeContains, rangeWarnings, tryParseRange, validateRange } from '../validation/addresses';
import { oneOfInOrder, portNumberOrName, requirePresent } from '../validation/checks';
import { validateLabelSelector } from '../validation/label-selectors';
import { portNumber } from '../validation/names';
import { age } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';

const SPEC = root('spec');
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const POLICY_TYPES = ['Ingress', 'Egress'];

function defaults({ spec }: Draft): void {
  if (!spec) return;
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of rule?.ports ?? []) port.protocol ??= 'TCP';
  }
  if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
}

function validate({ spec = {} }: KubernetesObject, errors: ErrorList): void {
  validateLabelSelector(spec.podSelector, SPEC.child('podSelector'), errors);
  eachPeerList(spec, (rule, peers, direction, at) => {
    rule.ports?.forEach((port: any, i: number) => {
      validatePort(port, at.child('ports').index(i), errors);
    });
    peers?.forEach((peer, i) => {
      validatePeer(peer, at.child(direction).index(i), errors);
    });
  });
  const types = SPEC.child('policyTypes');
  if (spec.policyTypes?.length > POLICY_TYPES.length) {
    errors.invalid(types, spec.policyTypes, 'may not specify more than two policyTypes');
    return;
  }
  spec.policyTypes?.forEach((type: string, i: number) => {
    oneOfInOrder(type, POLICY_TYPES, types.index(i), errors);
  });
}

type PeerVisitor = (rule: any, peers: readonly any[] | undefined, direction: 'from' | 'to', at: Path) => void;

function eachPeerList(spec: any, visit: PeerVisitor): void {
  spec.ingress?.forEach((rule: any, i: number) => {
    visit(rule ?? {}, rule?.from, 'from', SPEC.child('ingress').index(i));
  });
  spec.egress?.forEach((rule: any, i: number) => {
    visit(rule ?? {}, rule?.to, 'to', SPEC.child('egress').index(i));
  });
}

function validatePort({ protocol, port, endPort }: any, path: Path, errors: ErrorList): void {
  if (protocol !== undefined) oneOfInOrder(protocol, PROTOCOLS, path.child('protocol'), errors);
  const end = path.child('endPort');
  if (port === undefined) {
    if (endPort !== undefined) errors.invalid(end, endPort, 'may not be specified when `port` is not specified');
    return;
  }
  if (endPort !== undefined) {
    if (typeof port === 'string') errors.invalid(end, endPort, 'may not be specified when `port` is non-numeric');
    else {
      if (endPort < port) errors.invalid(end, port, 'must be greater than or equal to `port`');
      for (const message of portNumber(endPort)) errors.invalid(end, endPort, message);
    }
  }
  portNumberOrName(port, path.child('port'), errors);
}

function validatePeer(peer: any, path: Path, errors: ErrorList): void {
  const { podSelector, namespaceSelector, ipBlock } = peer ?? {};
  validateLabelSelector(podSelector, path.child('podSelector'), errors);
  validateLabelSelector(namespaceSelector, path.child('namespaceSelector'), errors);
  if (ipBlock) validateBlock(ipBlock, path.child('ipBlock'), errors);
  if (!podSelector && !namespaceSelector && !ipBlock) errors.required(path, 'must specify a peer');
  else if (ipBlock && (podSelector || namespaceSelector)) {
    errors.forbidden(path, 'may not specify both ipBlock and another peer');
  }
}

function validateBlock({ cidr, except }: any, path: Path, errors: ErrorList): void {
  if (!requirePresent(cidr, path.child('cidr'), errors)) return;
  if (!validateRange(cidr, path.child('cidr'), errors)) return;
  const outer = tryParseRange(cidr)!;
  except?.forEach((text: string, i: number) => {
    const at = path.child('except').index(i);
    if (!validateRange(text, at, errors)) return;
    const inner = tryParseRange(text)!;
    if (!rangeContains(outer, inner) || outer.prefix === inner.prefix) {
      errors.invalid(at, text, 'must be a strict subset of `cidr`');
    }
  });
}

function warnings({ spec = {} }: KubernetesObject): string[] {
  const found: string[] = [];
  const note = (text: string | undefined, path: Path) => {
    for (const warning of rangeWarnings(text ?? '')) found.push(`${path}: ${warning}`);
  };
  eachPeerList(spec, (_rule, peers, direction, at) => {
    peers?.forEach((peer, i) => {
      const block = at.child(direction).index(i).child('ipBlock');
      note(peer?.ipBlock?.cidr, block.child('cidr'));
      peer?.ipBlock?.except?.forEach((text: string, j: number) => {
        note(text, block.child('except').index(j));
      });
    });
  });
  return found;
}

export const networkPolicy = defineKind({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  resource: 'networkpolicies',
  defaults,
  generation: 'spec',
  validate,
  warnings,
  cells: (object, context) => [object.metadata.name!, formatSelector(object.spec?.podSelector), age(object, context)],
});
