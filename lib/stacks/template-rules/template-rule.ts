/**
 * A rule about synthesized templates: what a careful reviewer would not let pass. Rules read the template, not the
 * constructs, so that they hold for whatever made it, L1 resources and `aws-eks-v2` included.
 */

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: any;
  readonly DependsOn?: string | readonly string[];
}

export interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
}

export interface TemplateRule {
  /** Stable; acknowledged as `drydock::<id>`. */
  readonly id: string;
  /** What is wrong, and what it leads to. */
  readonly description: string;
  /** What to do. */
  readonly fix: string;
  /** Logical ids of the resources that break the rule. */
  readonly violations: (template: Template) => readonly string[];
}

/** Ids of the resources of a type whose properties fail the test. */
export function resourcesWhere(
  template: Template,
  type: string,
  isWrong: (properties: any, id: string) => boolean,
): string[] {
  return Object.entries(template.Resources ?? {})
    .filter(([id, resource]) => resource.Type === type && isWrong(resource.Properties ?? {}, id))
    .map(([id]) => id);
}
