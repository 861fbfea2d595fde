/** kubectl looks: what the server is and serves, objects in all formats, descriptions, logs, events, usage. */
import { kubectlWorld, stories } from './kubectl-world';

const world = kubectlWorld();

const FILES = {
  'web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: 'nginx:1.27', ports: [{containerPort: 80}], resources: {requests: {cpu: 100m, memory: 64Mi}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: crash, labels: {app: crash}}
spec: {containers: [{name: main, image: busybox, command: [sh, -c, 'echo started; sleep 1; exit 1']}]}
---
apiVersion: v1
kind: Pod
metadata: {name: two, labels: {app: two}}
spec: {containers: [{name: a, image: busybox, command: [sh, -c, 'echo from a; sleep 36000']}, {name: b, image: busybox, command: [sh, -c, 'echo from b; sleep 36000']}]}
`,
};

stories(
  world,
  {
    'version and cluster': [
      ['version', /Server Version: v1\.35\./],
      ['version -o json', '"major": "1"'],
      ['cluster-info', 'Kubernetes control plane is running at https://127.0.0.1'],
      ['api-versions', 'rbac.authorization.k8s.io/v1'],
      ['api-resources --namespaced=true --verbs=list -o name', 'deployments.apps'],
      ['api-resources --api-group=batch', /cronjobs +cj +batch\/v1 +true +CronJob/],
      ['api-resources --categories=all -o name', 'statefulsets.apps'],
    ],
    'explain, by either version of OpenAPI': [
      ['explain deployment.spec.strategy.rollingUpdate', 'maxSurge'],
      ['explain pods --recursive', /terminationGracePeriodSeconds\t<integer>/],
      ['explain hpa.spec --api-version=autoscaling/v2', 'scaleTargetRef'],
      [
        'explain deployment.spec --output=plaintext-openapiv2',
        /KIND: +Deployment\nVERSION: +apps\/v1\n[\s\S]*replicas\t<integer>/,
      ],
      ['explain pod.spec.containers --output=plaintext-openapiv2', 'imagePullPolicy'],
      ['!explain pod.spec.nonsense', 'field "nonsense" does not exist'],
    ],
    'a Deployment comes up': [
      ['apply -f {web.yaml}', 'deployment.apps/web created'],
      ['rollout status deployment/web --timeout=30s', 'successfully rolled out'],
      ['wait --for=condition=Ready pod/two --timeout=30s', 'condition met'],
    ],
    'get in all formats': [
      ['get deployments', /NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +2\/2 +2 +2 /],
      ['get deploy web -o wide', /CONTAINERS +IMAGES +SELECTOR\nweb .* nginx +nginx:1\.27 +app=web/],
      ['get deploy web -o name', /^deployment\.apps\/web\n$/],
      ['get deploy web -o yaml', /^apiVersion: apps\/v1\nkind: Deployment\n/],
      ['get deploy web -o json', '"kind": "Deployment"'],
      ["get deploy web -o jsonpath='{.spec.replicas}'", /^2$/],
      [
        "get pods -l app=web -o custom-columns='IMAGE:.spec.containers[0].image' --no-headers",
        /^nginx:1\.27\nnginx:1\.27\n$/,
      ],
      ["get deploy web -o go-template='{{.metadata.name}}'", /^web$/],
      ['get pods -l app=web --show-labels', /pod-template-hash=/],
      ['get pods -L app', /APP/],
      ['get pods --sort-by=.metadata.name', /^NAME[\s\S]*crash[\s\S]*two[\s\S]*web-/],
      ['get all', /pod\/two [\s\S]*service\/web [\s\S]*deployment\.apps\/web [\s\S]*replicaset\.apps\/web-/],
      ['get pods -A --field-selector=metadata.name=two', /default +two +2\/2/],
      ['get deploy,svc -l app=web', /deployment\.apps\/web[\s\S]*service\/web/],
      ['get pods --chunk-size=1', /two +2\/2/],
      ['get -f {web.yaml} -o name', 'deployment.apps/web\nservice/web\npod/crash\npod/two\n'],
      ['get deploy web --show-managed-fields -o yaml', 'manager: kubectl-client-side-apply'],
      ['get pods --output-watch-events -w --request-timeout=1s', /ADDED +two/],
      ['!get pods nobody', 'Error from server (NotFound): pods "nobody" not found'],
      ['get pods --ignore-not-found nobody', /^$/],
      ['!get unicorns', `the server doesn't have a resource type "unicorns"`],
      ['get --raw /readyz?verbose', '[+]etcd ok'],
      [
        'get --raw /metrics',
        /apiserver_request_total\{code="201".*resource="deployments".*verb="POST",version="v1"\} 1\n/,
      ],
      ['get --raw /metrics', /apiserver_storage_objects\{resource="pods"\} \d+\n/],
      ['get --raw /apis/apps/v1/namespaces/default/deployments/web/scale', '"kind":"Scale"'],
    ],
    'describe tells the whole story': [
      [
        'describe deployment web',
        /Replicas: +2 desired \| 2 updated \| 2 total \| 2 available[\s\S]*NewReplicaSet: +web-[\s\S]*ScalingReplicaSet/,
      ],
      [
        'describe pod two',
        /Node: +node-\d[\s\S]*Containers:\n {2}a:[\s\S]*State: +Running[\s\S]*Scheduled[\s\S]*Successfully assigned default\/two/,
      ],
      ['describe svc web', /Endpoints: +[\d.]+:80,[\d.]+:80/],
      ['describe node node-1', /Conditions:[\s\S]*KubeletReady[\s\S]*Allocatable:[\s\S]*Non-terminated Pods:/],
      ['describe rs -l app=web', /Controlled By: +Deployment\/web/],
      ['describe ns default', /Status: +Active/],
      ['describe sa default', /Name: +default/],
      ['describe cm kube-root-ca.crt', 'BEGIN CERTIFICATE'],
      ['describe clusterrole view', /pods\/log/],
      ['describe sc', /Provisioner:/],
      ['describe endpointslices', /AddressType: +IPv4/],
    ],
    'logs, also of before and of many': [
      ['logs two -c a', /^from a\n$/],
      ['logs two', /^Defaulted container "a" out of: a, b\n|from a/],
      ['logs two --all-containers --prefix', /\[pod\/two\/a\] from a\n\[pod\/two\/b\] from b/],
      ['logs -l app=web --tail=1', /start worker processes/],
      [
        'logs deploy/web --tail=1 --timestamps',
        /^(Found \d pods.*\n)?\d{4}-\d\d-\d\dT[\d:.]+Z .*start worker processes/,
      ],
      [
        "wait --for=jsonpath='{.status.containerStatuses[0].lastState.terminated.exitCode}'=1 pod/crash --timeout=30s",
        'condition met',
      ],
      ['logs crash --previous', /^started\n$/],
      ['!logs two -c nobody', 'container nobody is not valid for pod two'],
      ['logs two -c a --since=1h --limit-bytes=4', /^from$/],
    ],
    'events and usage': [
      ['events --for pod/two', /Normal +Scheduled +Pod\/two/],
      ['get events --field-selector involvedObject.name=two', 'Started'],
      ['get events --sort-by=.lastTimestamp', 'LAST SEEN'],
      ['top nodes', /NAME +CPU\(cores\)[\s\S]*node-1/],
      ['top pods', /web-\S+ +\d+m +\d+Mi/],
      ['top pods --containers -l app=two', /two +a +\d+m/],
    ],
    'the cluster as files': [
      ['cluster-info dump --namespaces default --output-directory=dump', 'Cluster info dumped to dump'],
      [
        'cluster-info dump --namespaces default',
        /"kind": "PodList"[\s\S]*START logs for container a of pod default\/two/,
      ],
    ],
  },
  FILES,
);

test('get -w and logs -f see what comes later', async () => {
  const { kubectl } = world;
  const watching = kubectl.start('get', 'configmaps', '-w', '-o', 'name');
  await watching.shows('configmap/kube-root-ca.crt');
  await kubectl.output('create', 'configmap', 'later');
  await watching.shows('configmap/later');
  await watching.stop();
  await kubectl.output('run', 'ticker', '--image=busybox', '--', 'sh', '-c', 'while true; do echo tick; sleep 5; done');
  await kubectl.output('wait', '--for=condition=Ready', 'pod/ticker', '--timeout=30s');
  const following = kubectl.start('logs', '-f', 'ticker');
  await following.shows('tick\ntick\n');
  await following.stop();
});
