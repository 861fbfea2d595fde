/** kubectl runs a cluster: rollouts, scaling, nodes, debugging, rights, certificates. */
import { makeRequest, requestObject } from '../../../../helpers/certificate-request';
import { kubectlWorld, stories } from './kubectl-world';

const world = kubectlWorld();

const FILES = {
  'roles.yaml': `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reconciled, namespace: default}
rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]
`,
};

stories(
  world,
  {
    'a rollout, its history and the way back': [
      ['create deployment web --image=nginx:1.27 --replicas=3', 'created'],
      ['rollout status deploy/web --timeout=30s', 'deployment "web" successfully rolled out'],
      ['set image deploy/web nginx=nginx:1.28', 'deployment.apps/web image updated'],
      ["annotate deploy/web kubernetes.io/change-cause='to 1.28'", 'annotated'],
      ['rollout status deploy/web --timeout=30s', 'successfully rolled out'],
      ['rollout history deploy/web', /REVISION +CHANGE-CAUSE\n1 +<none>\n2 +to 1\.28/],
      ['rollout history deploy/web --revision=1', 'nginx:1.27'],
      ['rollout undo deploy/web', 'deployment.apps/web rolled back'],
      ['rollout status deploy/web --timeout=30s', 'successfully rolled out'],
      ["get deploy web -o jsonpath='{..image}'", /^nginx:1\.27$/],
      ['rollout pause deploy/web', 'paused'],
      ['set env deploy/web COLOR=blue', 'env updated'],
      ['set env deploy/web --list', 'COLOR=blue'],
      ['rollout resume deploy/web', 'resumed'],
      ['rollout restart deploy/web', 'restarted'],
      ['set resources deploy/web --requests=cpu=50m,memory=32Mi', 'resource requirements updated'],
      ['set serviceaccount deploy/web default', 'serviceaccount updated'],
      ['rollout status deploy/web --timeout=30s', 'successfully rolled out'],
    ],
    'scale and autoscale': [
      ['scale deploy/web --replicas=4', 'deployment.apps/web scaled'],
      ['!scale deploy/web --replicas=5 --current-replicas=2', 'Expected replicas to be 2, was 4'],
      ['scale deploy/web --replicas=2 --current-replicas=4', 'scaled'],
      ["wait --for=jsonpath='{.status.readyReplicas}'=2 deploy/web --timeout=30s", 'condition met'],
      ['autoscale deploy/web --min=2 --max=5 --cpu=50%', 'horizontalpodautoscaler.autoscaling/web autoscaled'],
      ['get hpa web', /Deployment\/web/],
      ['describe hpa web', /Min replicas: +2/],
      ['delete hpa web', 'deleted'],
    ],
    'selectors and subjects': [
      ['expose deploy web --port=80', 'exposed'],
      ['set selector svc/web app=web,tier=x', 'selector updated'],
      ['create rolebinding b --clusterrole=view --user=a', 'created'],
      ['set subject rolebinding b --user=c', 'subjects updated'],
    ],
    'nodes: cordon, taint, drain': [
      ['cordon node-1', 'node/node-1 cordoned'],
      ['get nodes', /node-1 +Ready,SchedulingDisabled/],
      ['uncordon node-1', 'node/node-1 uncordoned'],
      ['taint nodes node-1 spot=true:NoSchedule', 'node/node-1 tainted'],
      ['taint nodes node-1 spot-', 'node/node-1 untainted'],
      ['drain node-1 --ignore-daemonsets --force --delete-emptydir-data --timeout=45s', 'node/node-1 drained'],
      ['get pods --field-selector spec.nodeName=node-1 -o name', /^(No resources found.*\n)?$/],
      ['uncordon node-1', 'uncordoned'],
      ['label node node-1 disk=ssd', 'labeled'],
    ],
    'a budget holds up the drain': [
      ['rollout status deploy/web --timeout=30s', 'successfully'],
      ['create pdb strict --selector=app=web --max-unavailable=0', 'created'],
      ["wait --for=jsonpath='{.status.currentHealthy}'=2 pdb/strict --timeout=30s", 'condition met'],
      [
        '!drain node-2 --ignore-daemonsets --force --delete-emptydir-data --timeout=1s',
        /Cannot evict pod as it would violate the pod's disruption budget|drain did not complete|global timeout/,
      ],
      ['uncordon node-2', 'uncordoned'],
      ['delete pdb strict', 'deleted'],
    ],
    'debug: beside a container, a copy, a node': [
      ['run app --image=nginx', 'created'],
      ['wait --for=condition=Ready pod/app --timeout=30s', 'met'],
      ['debug app --image=busybox --container=probe -- sleep 3600', /.*/],
      ["wait --for=jsonpath='{.status.ephemeralContainerStatuses[0].state.running}' pod/app --timeout=30s", 'met'],
      ['debug app --copy-to=app-copy --image=busybox --container=probe -- sleep 3600', /.*/],
      ['get pod app-copy', /app-copy/],
      [
        'debug node/node-1 --image=busybox -- sleep 3600',
        /Creating debugging pod node-debugger-node-1-\w+ with container debugger on node node-1/,
      ],
    ],
    'who may do what': [
      ['auth whoami', /Username +kubernetes-admin/],
      ['auth can-i delete nodes', /^yes\n/],
      ['!auth can-i get pods --as=system:serviceaccount:default:robot', /^no\n/],
      ['auth can-i --list', /\*\.\* +\[\] +\[\] +\[\*\]/],
      [
        '!get secrets --as=eve',
        'Error from server (Forbidden): secrets is forbidden: User "eve" cannot list resource "secrets" in API group "" in the namespace "default"',
      ],
      ['auth reconcile -f {roles.yaml}', 'role.rbac.authorization.k8s.io/reconciled reconciled'],
      ['auth whoami --as=eve --as-group=devs', /Username +eve[\s\S]*devs/],
    ],
  },
  FILES,
);

test('certificate approve: what was asked for is signed', async () => {
  const { kubectl } = world;
  const { request } = await makeRequest('CN=ann, O=devs');
  const spec = { signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] };
  await kubectl.output('apply', '-f', world.file('csr.json', JSON.stringify(requestObject('ann', request, spec))));
  expect(await kubectl.output('get', 'csr', 'ann')).toMatch(
    /ann .*kube-apiserver-client +kubernetes-admin +<none> +Pending/,
  );
  expect(await kubectl.output('certificate', 'approve', 'ann')).toContain('ann approved');
  await kubectl.output('wait', '--for=jsonpath={.status.certificate}', 'csr/ann', '--timeout=30s');
  expect(await kubectl.output('get', 'csr', 'ann')).toContain('Approved,Issued');
  await kubectl.output('apply', '-f', world.file('csr2.json', JSON.stringify(requestObject('bob', request, spec))));
  expect(await kubectl.output('certificate', 'deny', 'bob')).toContain('bob denied');
});
