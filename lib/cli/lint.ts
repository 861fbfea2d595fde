/**
 * `drydock lint`: what is wrong with the manifests, as far as it can be known without a cluster: for people, as JSON, or as SARIF for
 * code hosts. Exit code 1 when there is an error; with `--strict`, when there is a warning.
 */
import { Command, Option } from 'commander';
import { describeFinding, validate } from '../manifests/check';
import { readManifests } from '../manifests/load';
import { describeOrigin } from '../manifests/origin';
import type { Finding, Severity } from '../manifests/validation/finding';
import type { Done } from './context';

interface LintOptions {
  readonly manifests: string;
  readonly format: 'text' | 'json' | 'sarif';
  readonly advice: boolean;
  readonly strict: boolean;
  readonly kubernetesVersion?: string;
}

export function lintCommand(done: Done): Command {
  return new Command('lint')
    .description('say what is wrong with the manifests, before a cluster does')
    .option('--manifests <folder>', 'the folder of the manifests', 'manifests')
    .addOption(new Option('--format <format>', 'how to say it').choices(['text', 'json', 'sarif']).default('text'))
    .option('--no-advice', 'leave out what works and is regretted later')
    .option('--strict', 'warnings are a reason to fail, too', false)
    .option('--kubernetes-version <version>', 'the release that the objects are for, e.g. 1.33')
    .action(async ({ manifests, format, advice, strict, kubernetesVersion }: LintOptions) => {
      const objects = await readManifests(manifests);
      const findings = validate(objects, { advice, ...(kubernetesVersion ? { kubernetesVersion } : {}) });
      process.stdout.write(print(findings, format, objects.length));
      const has = (severity: Severity) => findings.some((finding) => finding.severity === severity);
      done(has('error') || (strict && has('warning')) ? 1 : 0);
    });
}

function print(findings: readonly Finding[], format: LintOptions['format'], objects: number): string {
  if (format === 'json') return `${JSON.stringify(findings, undefined, 2)}\n`;
  if (format === 'sarif') {
    const { sarifLog } = require('../manifests/validation/sarif') as typeof import('../manifests/validation/sarif');
    return `${JSON.stringify(sarifLog(findings, process.cwd()), undefined, 2)}\n`;
  }
  const urgent = findings.filter(({ severity }) => severity !== 'advice').map(describeFinding);
  return [...urgent, ...adviceByRule(findings), summary(findings, objects)].join('\n\n').concat('\n');
}

/** The same advice is given to many objects: it is said once, with all of them below. */
function adviceByRule(findings: readonly Finding[]): string[] {
  const { rules } = require('../manifests/validation/rules') as typeof import('../manifests/validation/rules');
  const byRule = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (finding.severity !== 'advice') continue;
    const list = byRule.get(finding.rule);
    if (list) list.push(finding);
    else byRule.set(finding.rule, [finding]);
  }
  return [...byRule].map(([rule, list]) => {
    const about = rules.find(({ id }) => id === rule)?.about ?? '';
    const lines = list.map(({ object, message, origin }) => {
      return `  ${object.kind} "${object.name}": ${message}${origin ? `, at ${describeOrigin(origin)}` : ''}`;
    });
    return [`advice: ${about} [${rule}]`, ...lines, `  fix: ${list[0]!.fix}`].join('\n');
  });
}

function summary(findings: readonly Finding[], objects: number): string {
  if (findings.length === 0) return `${objects} objects, and nothing is wrong with them as far as one can see`;
  const counted = (['error', 'warning', 'advice'] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    if (count === 0) return [];
    const plural = severity === 'advice' ? 'pieces of advice' : `${severity}s`;
    return count === 1 ? `1 ${severity === 'advice' ? 'piece of advice' : severity}` : `${count} ${plural}`;
  });
  return `${objects} objects: ${counted.join(', ')}`;
}
