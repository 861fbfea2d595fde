/** kubectl changes objects: every way to create, apply, patch, edit and delete them. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { kubectlWorld, stories } from './kubectl-world';

const world = kubectlWorld();

const deployment = (image: string, extra = '') => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web${extra}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: '${image}'}]}
`;

const FILES = {
  'web.yaml': deployment('nginx:1.27'),
  'web-2.yaml': deployment('nginx:1.28'),
  'wrong.yaml': deployment('nginx:1.27').replace('replicas: 1', 'replicas: 1\n  replicass: 2'),
  'settings.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: "1"}\n',
  'settings-2.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: "2"}\n',
  'pruned-1.yaml': ['one', 'two']
    .map((name) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {set: x}}\n`)
    .join('---\n'),
  'pruned-2.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, labels: {set: x}}\n',
  'crd.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, description: What it is made of., properties: {size: {type: integer, minimum: 1}}}}}}
`,
  'widget.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: small}\nspec: {size: 1}\n',
  'widget-2.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: small}\nspec: {size: 2}\n',
  'widget-wrong.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: wrong}\nspec: {size: 0}\n',
};

stories(
  world,
  {
    'apply: new, unchanged, changed': [
      ['apply -f {web.yaml}', /^deployment\.apps\/web created\n$/],
      ['apply -f {web.yaml}', /^deployment\.apps\/web unchanged\n$/],
      ['!diff -f {web-2.yaml}', /-\s+- image: nginx:1\.27\n\+\s+- image: nginx:1\.28/],
      ['diff -f {web.yaml}', /^$/],
      ['apply -f {web-2.yaml} --dry-run=server', 'deployment.apps/web configured (server dry run)'],
      ['apply -f {web-2.yaml}', /^deployment\.apps\/web configured\n$/],
      ['apply view-last-applied deploy/web', 'image: nginx:1.28'],
      ['!apply -f {wrong.yaml}', 'strict decoding error: unknown field "spec.replicass"'],
    ],
    'apply --server-side: takes over, conflicts, forces': [
      ['apply --server-side -f {web-2.yaml}', /^deployment\.apps\/web serverside-applied\n$/],
      ['get deploy web --show-managed-fields -o yaml', /manager: kubectl\n +operation: Apply/],
      ['apply --server-side -f {settings.yaml} --field-manager=one', 'configmap/settings serverside-applied'],
      [
        '!apply --server-side -f {settings-2.yaml} --field-manager=two',
        /Apply failed with 1 conflict: conflict with "one": \.data\.a/,
      ],
      ['apply --server-side -f {settings-2.yaml} --field-manager=two --force-conflicts', 'serverside-applied'],
      ["get cm settings -o jsonpath='{.data.a}'", /^2$/],
      ['diff --server-side -f {settings-2.yaml} --field-manager=two', /^$/],
    ],
    'create, one generator each': [
      ['create namespace shop', 'namespace/shop created'],
      ['create configmap c --from-literal=a=b', 'configmap/c created'],
      ['create secret generic s --from-literal=password=x', 'secret/s created'],
      ['create secret docker-registry r --docker-server=x --docker-username=u --docker-password=p', 'secret/r created'],
      ['create serviceaccount robot', 'serviceaccount/robot created'],
      ['create deployment d --image=nginx --replicas=2', 'deployment.apps/d created'],
      ['create job j --image=busybox -- true', 'job.batch/j created'],
      ["create cronjob cj --image=busybox --schedule='*/5 * * * *' -- true", 'cronjob.batch/cj created'],
      ['create job j2 --from=cronjob/cj', 'job.batch/j2 created'],
      ['create role reader --verb=get,list --resource=pods', 'role.rbac.authorization.k8s.io/reader created'],
      [
        'create rolebinding reads --role=reader --serviceaccount=default:robot',
        'rolebinding.rbac.authorization.k8s.io/reads created',
      ],
      ['create clusterrole cr --verb=get --resource=nodes', 'clusterrole.rbac.authorization.k8s.io/cr created'],
      [
        'create clusterrolebinding crb --clusterrole=cr --user=eve',
        'clusterrolebinding.rbac.authorization.k8s.io/crb created',
      ],
      ["create ingress i --rule='shop.example/*=web:80'", 'ingress.networking.k8s.io/i created'],
      ['create poddisruptionbudget p --selector=app=web --min-available=1', 'poddisruptionbudget.policy/p created'],
      ['create quota q --hard=configmaps=100', 'resourcequota/q created'],
      ['create priorityclass high --value=1000', 'priorityclass.scheduling.k8s.io/high created'],
      ['create service clusterip svc --tcp=80:8080', 'service/svc created'],
      ['create service nodeport np --tcp=80', 'service/np created'],
      ['create service loadbalancer lb --tcp=80', 'service/lb created'],
      ['create service externalname en --external-name=example.com', 'service/en created'],
      ['create token robot', /^eyJ[\w-]+\.[\w-]+\.[\w-]+\n?$/],
      ['!create configmap c', 'error: failed to create configmap: configmaps "c" already exists'],
      ['create -f {pruned-1.yaml} -n shop', 'configmap/one created\nconfigmap/two created'],
      ['create configmap c2 --dry-run=client -o yaml', 'kind: ConfigMap'],
    ],
    'run and expose': [
      ['run solo --image=nginx --port=80 --labels=app=solo --env=A=b', 'pod/solo created'],
      ['expose pod solo --port=80 --target-port=80 --name=solo', 'service/solo exposed'],
      ['expose deployment d --port=80', 'service/d exposed'],
      ["get svc solo -o jsonpath='{.spec.selector.app}'", /^solo$/],
    ],
    'label and annotate': [
      ['label deploy web tier=front', 'deployment.apps/web labeled'],
      ['!label deploy web tier=back', "'tier' already has a value (front), and --overwrite is false"],
      ['label deploy web tier=back --overwrite', 'labeled'],
      ['label deploy web tier-', 'unlabeled'],
      ['annotate deploy web note=hello', 'deployment.apps/web annotated'],
      ["get deploy web -o jsonpath='{.metadata.annotations.note}'", /^hello$/],
    ],
    'patch in all four ways': [
      [
        `patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","env":[{"name":"A","value":"1"}]}]}}}}'`,
        'patched',
      ],
      [`patch deploy web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":2}]'`, 'patched'],
      [`patch deploy web --type=merge -p '{"metadata":{"labels":{"x":"y"}}}'`, 'patched'],
      [`patch deploy web --subresource=scale --type=merge -p '{"spec":{"replicas":3}}'`, /scaled?|patched/],
      [
        "get deploy web -o jsonpath='{.spec.replicas}{.metadata.labels.x}{.spec.template.spec.containers[0].env[0].value}'",
        /^3y1$/,
      ],
      [`patch deploy web --type=merge -p '{"metadata":{"labels":{"x":"y"}}}'`, 'patched (no change)'],
    ],
    'replace, and what is out of date': [
      ['replace -f {settings.yaml}', 'configmap/settings replaced'],
      ['replace --force -f {settings-2.yaml}', 'configmap/settings replaced'],
      ["get cm settings -o jsonpath='{.data.a}'", /^2$/],
    ],
    'delete in all variants': [
      ['delete cm c', 'configmap "c" deleted'],
      ['delete -f {settings.yaml}', 'configmap "settings" deleted'],
      ['!delete cm c', 'configmaps "c" not found'],
      ['delete cm c --ignore-not-found', /^$/],
      ['delete pod solo --force --grace-period=0', /pod "solo" force deleted/],
      ['delete deploy d --cascade=orphan', 'deployment.apps "d" deleted'],
      ['get rs -l app=d -o name', /^replicaset\.apps\/d-/],
      ['delete rs -l app=d --cascade=foreground --timeout=30s', /replicaset\.apps "d-\w+" deleted/],
      ['delete svc svc np', 'service "svc" deleted'],
      ['delete job j j2 --wait=false', 'job.batch "j2" deleted'],
      ['delete ns shop --timeout=30s', 'namespace "shop" deleted'],
    ],
    'apply --prune by label': [
      ['apply -f {pruned-1.yaml} --prune -l set=x', 'configmap/two created'],
      ['apply -f {pruned-2.yaml} --prune -l set=x', 'configmap/two pruned'],
    ],
    'custom resources come alive': [
      ['apply -f {crd.yaml}', 'customresourcedefinition.apiextensions.k8s.io/widgets.example.com created'],
      ['wait --for=condition=Established crd/widgets.example.com --timeout=30s', 'condition met'],
      ['apply -f {widget.yaml}', 'widget.example.com/small created'],
      ['apply -f {widget-2.yaml}', 'widget.example.com/small configured'],
      ['get wd', /NAME +SIZE\nsmall +2\n/],
      ['get all', /widget\.example\.com\/small/],
      ['explain wd.spec', 'What it is made of.'],
      ['explain wd.spec --output=plaintext-openapiv2', 'What it is made of.'],
      [
        '!apply -f {widget-wrong.yaml}',
        'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
      ],
      [
        `!patch wd small -p '{"spec":{"size":3}}'`,
        'application/strategic-merge-patch+json is not supported by example.com/v1, Kind=Widget',
      ],
      ['apply --server-side --force-conflicts -f {widget.yaml}', 'serverside-applied'],
      ['delete crd widgets.example.com --timeout=30s', 'deleted'],
      ['!get wd', 'the server could not find the requested resource'],
    ],
    'wait for what is and what is not': [
      ['create configmap awaited', 'created'],
      ['wait --for=create cm/awaited --timeout=5s', 'condition met'],
      ['delete cm awaited', 'deleted'],
      ['wait --for=delete cm/awaited --timeout=5s', /^(configmap\/awaited condition met\n)?$/],
      ['!wait --for=condition=Available=false deploy/web --timeout=200ms', 'timed out waiting for the condition'],
    ],
  },
  FILES,
);

test('edit opens an editor and sends what it saved', async () => {
  const editor = world.file('editor.sh', '#!/bin/sh\nsed -i "s/replicas: 3/replicas: 1/" "$1"\n');
  chmodSync(editor, 0o755);
  const edited = await world.kubectl.with({ env: { KUBE_EDITOR: editor } }).output('edit', 'deploy', 'web');
  expect(edited).toBe('deployment.apps/web edited\n');
  expect(await world.kubectl.output('get', 'deploy', 'web', '-o', 'jsonpath={.spec.replicas}')).toBe('1');
});

test('apply -k builds and applies', async () => {
  const base = join(dirname(world.file('settings.yaml', FILES['settings.yaml'])), 'overlay');
  mkdirSync(base);
  writeFileSync(join(base, 'settings.yaml'), FILES['settings.yaml']);
  writeFileSync(join(base, 'kustomization.yaml'), 'resources: [settings.yaml]\nnamePrefix: my-\n');
  expect(await world.kubectl.output('kustomize', base)).toContain('name: my-settings');
  expect(await world.kubectl.output('apply', '-k', base)).toBe('configmap/my-settings created\n');
});

test('apply --prune --applyset knows its members', async () => {
  const kubectl = world.kubectl.with({ env: { KUBECTL_APPLYSET: 'true' } });
  const files = {
    one: world.file('s1.yaml', FILES['pruned-1.yaml']),
    two: world.file('s2.yaml', FILES['pruned-2.yaml']),
  };
  await kubectl.output('create', 'ns', 'sets');
  const args = ['-n', 'sets', '--prune', '--applyset=set', '--server-side'];
  expect(await kubectl.output('apply', '-f', files.one, ...args)).toContain('configmap/two serverside-applied');
  expect(await kubectl.output('apply', '-f', files.two, ...args)).toContain('configmap/two pruned');
});
