import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  App,
  Chart,
  ConfigMap,
  describeFinding,
  includeYaml,
  loadManifests,
  Service,
  type ValidateOptions,
  validate,
} from '../../../lib/manifests';
import { manifestFiles } from '../../../lib/manifests/load';
import { apiRules } from '../../../lib/manifests/validation/api-rules';
import { rules } from '../../../lib/manifests/validation/rules';
import { sarifLog } from '../../../lib/manifests/validation/sarif';
import { furtherMistakes, regrets } from './further-mistakes';
import { alsoWrote, appOf, goodApp, type Mistake, mistakes } from './mistakes';

const root = join(__dirname, '..', '..', '..');
const importModule = async (file: string) => require(file);

test('an application without mistakes has no findings', () => {
  expect(validate(appOf(goodApp))).toEqual([]);
});

test('the example applications have no findings', async () => {
  expect(validate(await loadManifests(join(root, 'manifests'), { importModule }))).toEqual([]);
});

test.each([...mistakes, ...furtherMistakes])('$name is found by $rule', (mistake) => isFound(mistake));

test.each(regrets)('$name is told by $rule to those who ask for advice', (mistake) => {
  isFound(mistake, { advice: true });
  expect(validate(appWith(mistake)).map(({ severity }) => severity)).not.toContain('advice');
});

function appWith({ name, instead, wrote }: Mistake): App {
  const yaml = instead === undefined ? goodApp + wrote : goodApp.replace(instead, () => wrote);
  if (instead !== undefined) expect(goodApp).toContain(instead);
  return appOf(yaml + (alsoWrote[name] ?? ''));
}

function isFound(mistake: Mistake, options: ValidateOptions = {}): void {
  const { rule, says, fix } = mistake;
  const findings = validate(appWith(mistake), options);
  const found = findings.filter((finding) => finding.rule === rule);
  expect(findings.map((finding) => finding.rule)).toContain(rule);
  const [{ message, fix: theirs }] = found as [(typeof found)[0]];
  if (typeof says === 'string') expect(message).toBe(says);
  else expect(message).toMatch(says);
  if (typeof fix === 'string') expect(theirs).toBe(fix);
  else if (fix !== undefined) expect(theirs).toMatch(fix);
}

/** Rules whose mistakes no YAML can make; test/manifests/late-values.test.ts makes them. */
const ELSEWHERE = ['late-identity', 'cdk-token'];

test('every rule has a mistake that it finds', () => {
  const unproven = rules
    .map(({ id }) => id)
    .filter(
      (id) => !ELSEWHERE.includes(id) && ![...mistakes, ...furtherMistakes, ...regrets].some(({ rule }) => rule === id),
    );
  expect(unproven).toEqual([]);
});

test('every rule is explained in docs/rules.md, in its own words and with its severity', () => {
  const page = readFileSync(join(root, 'docs', 'rules.md'), 'utf8');
  for (const { id, severity } of apiRules) expect(page).toContain(`| <a id="${id}"></a>\`${id}\` | ${severity} | `);
  for (const { id, severity, about } of rules)
    expect(page).toContain(`| <a id="${id}"></a>\`${id}\` | ${severity} | ${about}`);
});

test('all mistakes are told at once, errors first', () => {
  const yaml = goodApp
    .replace('imaeg', 'image')
    .replace('targetPort: http', 'targetPort: web')
    .replace('key: URL', 'key: UR');
  const findings = validate(
    appOf(`${yaml}---\napiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containerz: []}\n`),
  );
  expect(findings.map(({ severity, rule }) => `${severity} ${rule}`)).toEqual(
    expect.arrayContaining(['error service-target-port', 'error missing-key', 'error unknown-field']),
  );
  const severities = findings.map(({ severity }) => severity);
  expect(severities).toEqual([...severities].sort());
});

test('a finding names the construct, the line and the fix', () => {
  const app = new App();
  const chart = new Chart(app, 'shop', { namespace: 'default' });
  new Service(chart, 'web', { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } });
  const line = Number(/validate\.test\.ts:(\d+)/.exec(new Error().stack!)![1]) - 1;
  expect(validate(app).map(describeFinding)).toEqual([
    [
      'error: Service "web" in namespace "default": the selector matches no Pod: nothing in the application has the labels app=web [service-selects-nothing]',
      `  at shop/Service.web (test/manifests/validation/validate.test.ts:${line})`,
      '  fix: correct the selector, or add the workload that it is meant for',
    ].join('\n'),
  ]);
});

test('a finding is accepted by name, in the program or in YAML', () => {
  const app = new App();
  const service = new Service(app, 'web', { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } });
  service.accept('service-selects-nothing');
  const yaml = `apiVersion: v1
kind: Service
metadata:
  name: yaml
  annotations: {eks-drydock/accept: "service-selects-nothing, something-else"}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;
  expect(validate(app)).toEqual([]);
  expect(validate(appOf(yaml))).toEqual([]);
});

test('validation leaves the objects as they are', () => {
  const app = new App();
  new ConfigMap(app, 'settings', { data: { a: '1' } });
  const objects = app.synth();
  const before = JSON.stringify(objects);
  validate(objects);
  expect(JSON.stringify(objects)).toBe(before);
});

test('the wrong Pod of the articles is refused before anything is sent, in the words of the API server', async () => {
  const articles = join(root, 'test', 'manifests', 'articles');
  await expect(loadManifests(articles)).rejects.toMatchObject({
    code: 'InvalidManifests',
    message: expect.stringContaining(
      'error: Pod "my-nginx-pod": no kind "Pod" is registered for version "apps/v1" [unknown-kind]\n' +
        '  at wrong-api-version/Pod.my-nginx-pod (test/manifests/articles/wrong-api-version.yaml:2)\n' +
        '  fix: write apiVersion: v1',
    ),
  });
});

test('the YAML of the articles has no findings but that', () => {
  const files = manifestFiles(join(root, 'test', 'manifests', 'articles')).filter((file) => !file.includes('wrong'));
  const yaml = files.map((file) => readFileSync(file, 'utf8')).join('---\n');
  expect(validate(appOf(yaml))).toEqual([]);
});

test('an app is checked for the release that it is meant for', () => {
  const claim = 'apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: gpu}\nspec: {}\n';
  expect(validate(appOf(claim))).toEqual([]);
  expect(validate(appOf(claim), { kubernetesVersion: '1.33' })[0]).toMatchObject({
    rule: 'unknown-kind',
    message: 'no kind "DeviceClass" is registered for version "resource.k8s.io/v1" in Kubernetes 1.33',
    fix: 'it is served since 1.34',
  });
  const old = 'apiVersion: flowcontrol.apiserver.k8s.io/v1beta3\nkind: FlowSchema\nmetadata: {name: a}\nspec: {}\n';
  expect(validate(appOf(old))[0]!.rule).toBe('removed-api');
  expect(validate(appOf(old), { kubernetesVersion: '1.31' })).toEqual([]);
  expect(() => validate(appOf(old), { kubernetesVersion: '2.0' })).toThrow('"2.0" is no release of Kubernetes');
});

test('custom resources outside of namespaces inherit none, when their definition says so', () => {
  const app = new App({ namespace: 'shop' });
  includeYaml(
    app,
    furtherMistakes
      .at(-1)!
      .wrote.replace('scope: Namespaced', 'scope: Cluster')
      .replace('name: web, namespace: shop', 'name: web')
      .replace('/v2', '/v1'),
  );
  expect(app.synth().find(({ kind }) => kind === 'Widget')!.metadata.namespace).toBeUndefined();
});

test('findings are written as SARIF, each with its rule, its line and the fix', () => {
  const app = new App();
  new Service(new Chart(app, 'shop'), 'web', { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } });
  const log = sarifLog(validate(app), root) as any;
  expect(log).toMatchObject({ version: '2.1.0', runs: [{ tool: { driver: { name: 'drydock' } } }] });
  const [run] = log.runs;
  const [result] = run.results;
  expect(run.tool.driver.rules[result.ruleIndex]).toMatchObject({
    id: 'service-selects-nothing',
    helpUri: expect.stringMatching(/^https:\/\/kubernetes\.io\/docs\//),
    defaultConfiguration: { level: 'error' },
  });
  expect(result).toMatchObject({
    ruleId: 'service-selects-nothing',
    level: 'error',
    message: { text: expect.stringContaining('fix: correct the selector') },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: 'test/manifests/validation/validate.test.ts' } },
        logicalLocations: [{ fullyQualifiedName: 'shop/Service.web' }],
      },
    ],
  });
});
