/** Variables of containers: what they refer to, and what they should not hold. */
import type * as corev1 from '../../../kubernetes/types/core-v1.generated';
import type { Rule } from '../rule';

/** What the kubelet sets for the Services of the namespace. */
const SERVICE_VARIABLE = /_(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT(?:_.+)?)$/;

export const envReference: Rule = {
  id: 'env-reference',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/',
  about: '`$(NAME)` is replaced by a variable that stands before it; otherwise it stays as it is written.',
  check(app, report) {
    for (const { object, containers } of app.workloads) {
      for (const { container, field } of containers) {
        // What ConfigMaps and Secrets bring as a whole is not known for sure.
        if (container.env === undefined || (container.envFrom?.length ?? 0) > 0) continue;
        const before = new Set<string>();
        container.env.forEach(({ name, value }, index) => {
          for (const reference of referencesIn(value)) {
            if (before.has(reference) || SERVICE_VARIABLE.test(reference)) continue;
            const later = container.env!.some((each) => each.name === reference);
            report(object, {
              field: `${field}.env[${index}].value`,
              message: `variable "${name}" uses $(${reference}), which ${later ? 'is defined after it' : 'is not defined'}`,
              fix: later
                ? `put ${reference} before ${name}`
                : `define ${reference}, or write $$(${reference}) for the text itself`,
            });
          }
          before.add(name);
        });
      }
    }
  },
};

/** `$$(NAME)` is an escaped one. */
function referencesIn(value: string | undefined): string[] {
  if (value === undefined || !value.includes('$(')) return [];
  return [...value.matchAll(/(\$*)\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)/g)]
    .filter(([, dollars]) => dollars!.length % 2 === 0)
    .map(([, , name]) => name!);
}

const SECRET_NAME = /(?:^|_)(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|ACCESS_KEY|CREDENTIALS)$/i;
/** Things that are secret whatever they are called: keys of AWS, private keys, tokens of GitHub and Slack. */
const SECRET_VALUE =
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bxox[abprs]-[A-Za-z0-9-]{10,}/;

export const secretInPlainSight: Rule = {
  id: 'secret-in-plain-sight',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/security/secrets-good-practices/',
  about: 'A credential in a variable or a ConfigMap is shown to everybody who may read Pods; it belongs into a Secret.',
  check(app, report) {
    for (const { object, containers } of app.workloads) {
      for (const { container, field } of containers) {
        container.env?.forEach((variable, index) => {
          if (!isSecret(variable)) return;
          report(object, {
            field: `${field}.env[${index}].value`,
            message: `variable "${variable.name}" of container "${container.name}" holds a credential in plain sight`,
            fix: 'put it into a Secret, and use valueFrom.secretKeyRef',
          });
        });
      }
    }
    for (const map of app.all('v1/ConfigMap')) {
      for (const [key, value] of Object.entries(map.data ?? {})) {
        if (typeof value !== 'string' || !looksSecret(value)) continue;
        report(map, {
          field: `data.${key}`,
          message: `key "${key}" holds a credential in plain sight`,
          fix: 'put it into a Secret',
        });
      }
    }
  },
};

/** The shortest of them has 15 characters. */
const looksSecret = (value: string): boolean => value.length >= 15 && SECRET_VALUE.test(value);

/** By its value, or by a name that says so and a value that could be one: no path, URL, reference, number or switch. */
function isSecret({ name, value }: corev1.EnvVar): boolean {
  if (value === undefined || value === '') return false;
  if (looksSecret(value)) return true;
  return (
    SECRET_NAME.test(name) &&
    value.length >= 6 &&
    !/^(?:[/$]|\w+:\/\/|(?:true|false|\d+)$)/.test(value) &&
    !/\s/.test(value)
  );
}
