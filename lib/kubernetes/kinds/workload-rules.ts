/**
 * What all workloads obey: a selector that is not empty and selects what the template makes, templates whose Pods live on.
 * https://kubernetes.io/docs/concepts/workloads/controllers/
 */
import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { compileLabelSelector, type LabelSelector } from '../selectors';
import { isEmptySelector, isUsableSelector, validateLabelSelector } from '../validation/label-selectors';
import { dnsLabel } from '../validation/names';
import { validatePodTemplate } from './pod/rules';
import { podWarnings } from './pod/warnings';

export const SPEC = root('spec');
export const STATUS = root('status');
const NO_MATCH = '`selector` does not match template `labels`';

export interface SelectorOptions {
  /** Whose selector it is, as the message names it: `deployment`. */
  readonly owner: string;
}

/** A selector is there, well formed and says something. */
export function validateSelector(
  selector: LabelSelector | undefined,
  path: Path,
  errors: ErrorList,
  { owner }: SelectorOptions,
): void {
  if (!selector) {
    errors.required(path);
    return;
  }
  validateLabelSelector(selector, path, errors);
  if (isEmptySelector(selector)) errors.invalid(path, selector, `empty selector is invalid for ${owner}`);
}

/** The template's own labels must match; a missing selector matches nothing. */
export function validateTemplateLabels(
  selector: LabelSelector | undefined,
  template: any,
  path: Path,
  errors: ErrorList,
): void {
  if (selector && isEmptySelector(selector)) return;
  const labels = template?.metadata?.labels;
  if (compileLabelSelector(selector)(labels)) return;
  errors.invalid(path.child('metadata').child('labels'), labels, NO_MATCH);
}

export interface TemplateOptions {
  /** `ReplicaSet`: named in the message about deadlines. */
  readonly kind: string;
}

/** A template whose Pods are replaced when they end: they restart always and have no deadline. */
export function validateLastingTemplate(template: any, path: Path, errors: ErrorList, { kind }: TemplateOptions): void {
  validatePodTemplate(template ?? {}, path, errors);
  validateRestartsAlways(template, path, errors);
  validateNoDeadline(template, path, errors, { kind });
}

export function validateRestartsAlways(template: any, path: Path, errors: ErrorList): void {
  const policy = template?.spec?.restartPolicy;
  if (policy !== 'Always') errors.notSupported(path.child('spec').child('restartPolicy'), policy ?? '', ['Always']);
}

export function validateNoDeadline(template: any, path: Path, errors: ErrorList, { kind }: TemplateOptions): void {
  if (template?.spec?.activeDeadlineSeconds === undefined) return;
  const rule = `activeDeadlineSeconds in ${kind} is not Supported`;
  errors.forbidden(path.child('spec').child('activeDeadlineSeconds'), rule);
}

/** A selector and a template; the template is only looked at when the selector can be used. */
export function validateSelectorAndTemplate(
  spec: any,
  errors: ErrorList,
  options: TemplateOptions & { readonly unusable: string },
): void {
  const selector: LabelSelector | undefined = spec.selector;
  if (!isUsableSelector(selector)) {
    errors.invalid(SPEC.child('selector'), selector, options.unusable);
    return;
  }
  validateTemplateLabels(selector, spec.template, SPEC.child('template'), errors);
  validateLastingTemplate(spec.template, SPEC.child('template'), errors, options);
}

/** Warnings about the template; about the name when Pods take it over, as hosts do. */
export function templateWarnings({ metadata, spec }: KubernetesObject, old?: KubernetesObject): string[] {
  const problems = old ? [] : dnsLabel(metadata.name ?? '');
  const name =
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; ' +
    `a DNS label is recommended: [${problems.join(' ')}]`;
  return [...(problems.length > 0 ? [name] : []), ...podWarnings(spec.template, 'spec.template.')];
}

/** Counters of a status are not negative, and parts do not exceed the whole. */
export function validateCounters(status: any, errors: ErrorList, rules: CounterRules): void {
  for (const field of rules.notNegative) {
    const value = status?.[field];
    if (value < 0) errors.invalid(STATUS.child(field), value, 'must be greater than or equal to 0');
  }
  for (const [part, whole, message] of rules.atMost ?? []) {
    const value = status?.[part] ?? 0;
    if (value > (status?.[whole] ?? 0)) errors.invalid(STATUS.child(part), value, message);
  }
}

export interface CounterRules {
  readonly notNegative: readonly string[];
  readonly atMost?: readonly (readonly [part: string, whole: string, message: string])[];
}

/** A counter that only ever grows. */
export function validateNotDecremented(next: any, old: any, field: string, errors: ErrorList): void {
  const before = old.status?.[field];
  const after = next.status?.[field];
  if (before !== undefined && (after === undefined || after < before)) {
    errors.invalid(STATUS.child(field), after ?? 0, 'cannot be decremented');
  }
}
