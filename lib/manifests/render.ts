/**
 * Objects that other tools render: Helm charts by the real helm, overlays by kubectl's kustomize. They are run while the app is made,
 * once per set of arguments in a process, and what they print is included like any other YAML.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Construct } from 'constructs';
import { UserError } from '../kubernetes/user-error';
import type { ApiObject } from './api-object';
import { includeObject } from './include';
import { inheritedBy } from './scope-props';
import { readObjects } from './yaml-reader';

export interface HelmChartOptions {
  /** A folder, an archive, `oci://...`, or the name of a chart in `repository`. */
  readonly chart: string;
  /** The address of a chart repository, e.g. `https://charts.jetstack.io`. */
  readonly repository?: string;
  /** @default the newest one, which is another one tomorrow */
  readonly version?: string;
  /** `.Release.Name`. @default the last part of the chart's name */
  readonly release?: string;
  /** `.Release.Namespace`. @default the namespace that the scope hands down, else `default` */
  readonly namespace?: string;
  readonly values?: object;
  /** Also what stands in `crds/`. @default true, unlike helm's own: an app without its definitions is no app */
  readonly includeCrds?: boolean;
  /** `.Capabilities.KubeVersion`. @default 1.35 */
  readonly kubernetesVersion?: string;
  /** The helm to run. @default `helm` on the PATH */
  readonly executable?: string;
}

/**
 * The objects of a Helm chart. Hooks are left out unless they are part of an installation: tests never are.
 * @throws UserError with helm's own words when it fails
 */
export function includeHelmChart(scope: Construct, options: HelmChartOptions): ApiObject[] {
  const { chart, repository, version, values, includeCrds = true, kubernetesVersion = '1.35' } = options;
  const release = options.release ?? lastPart(chart);
  const namespace = options.namespace ?? inheritedBy(scope).namespace ?? 'default';
  const args = [
    'template',
    release,
    chart,
    '--namespace',
    namespace,
    '--kube-version',
    kubernetesVersion,
    '--skip-tests',
  ];
  if (repository !== undefined) args.push('--repo', repository);
  if (version !== undefined) args.push('--version', version);
  if (includeCrds) args.push('--include-crds');
  if (values !== undefined) args.push('--values', '-');
  const text = run(
    options.executable ?? 'helm',
    args,
    values === undefined ? '' : JSON.stringify(values),
    `chart ${chart}`,
  );
  const from = existsSync(join(chart, 'Chart.yaml')) ? { file: resolve(chart, 'Chart.yaml'), line: 1 } : undefined;
  return readObjects(text, `helm chart ${chart}`).map(({ object }) => includeObject(scope, object, from));
}

/** `oci://public.ecr.aws/karpenter/karpenter` -> `karpenter` */
const lastPart = (chart: string): string =>
  chart
    .split('/')
    .findLast((part) => part !== '')!
    .replace(/-\d+\.\d+.*\.tgz$/, '');

/**
 * What `kubectl kustomize` makes of a folder.
 * @throws UserError with its own words when it fails
 */
export function includeKustomization(
  scope: Construct,
  folder: string,
  { executable = 'kubectl' }: { readonly executable?: string } = {},
): ApiObject[] {
  const text = run(executable, ['kustomize', folder], '', `kustomization ${folder}`);
  const source = { file: resolve(folder, 'kustomization.yaml'), line: 1 };
  return readObjects(text, `kustomization ${folder}`).map(({ object }) => includeObject(scope, object, source));
}

const rendered = new Map<string, string>();

function run(executable: string, args: readonly string[], input: string, what: string): string {
  const key = JSON.stringify([executable, args, input]);
  const known = rendered.get(key);
  if (known !== undefined) return known;
  const { error, status, stdout, stderr } = spawnSync(executable, args, {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (error !== undefined) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? `there is no ${executable} on the PATH` : error.message;
    throw new UserError(
      'CannotRender',
      `cannot render ${what}: ${why}`,
      `Install ${executable}, or name it with "executable".`,
    );
  }
  if (status !== 0) {
    const why = stderr.trim().replace(/^error: /i, '');
    throw new UserError(
      'CannotRender',
      `cannot render ${what}: ${why}`,
      `${executable} ${args.join(' ')} says the same.`,
    );
  }
  rendered.set(key, stdout);
  return stdout;
}
