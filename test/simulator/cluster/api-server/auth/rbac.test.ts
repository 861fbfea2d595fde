import { ApiServer } from '../../../../../lib/simulator/cluster/api-server/api-server';
import { staticTokens } from '../../../../../lib/simulator/cluster/api-server/auth/authenticator';
import { Door } from '../../../../../lib/simulator/cluster/http/door';
import { Store } from '../../../../../lib/simulator/cluster/store';
import { Simulation } from '../../../../../lib/simulator/simulation';

const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';

function openDoor() {
  const server = new ApiServer(new Simulation({}), new Store());
  server.authenticators.push(
    staticTokens(
      new Map([
        ['root', { name: 'root', groups: ['system:masters'] }],
        ['alice', { name: 'alice' }],
      ]),
    ),
  );
  const door = new Door(server, { serverAddress: '127.0.0.1:6443' });
  return (token: string, method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const answer: any = door.answer({
      method,
      path,
      query: new URLSearchParams(),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: Buffer.from(body ? JSON.stringify(body) : ''),
    });
    return { status: answer.status as number, body: JSON.parse(answer.body) };
  };
}

const role = (name: string, rules: object[]) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name },
  rules,
});
const bindingTo = (kind: string, name: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: `bind-${name}` },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
  subjects: [{ kind: 'User', name: 'alice' }],
});

describe('role-based access control', () => {
  test('refuses what no rule allows, and allows it once a role is bound', () => {
    const send = openDoor();
    const list = () => send('alice', 'GET', '/api/v1/namespaces/default/pods');
    expect(list().body.message).toBe(
      'pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    send('root', 'POST', `${RBAC}/roles`, role('reader', [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }]));
    send('root', 'POST', `${RBAC}/rolebindings`, bindingTo('Role', 'reader'));
    expect(list().status).toBe(200);
    expect(send('alice', 'GET', '/api/v1/namespaces/kube-system/pods').status).toBe(403);
  });

  test('lets nobody grant more than they have', () => {
    const send = openDoor();
    const rules = [
      { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['create'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
    ];
    send('root', 'POST', `${RBAC}/roles`, role('writer', rules));
    send('root', 'POST', `${RBAC}/rolebindings`, bindingTo('Role', 'writer'));
    const pods = (verbs: string[]) => role('pods', [{ apiGroups: [''], resources: ['pods'], verbs }]);
    const refused = send('alice', 'POST', `${RBAC}/roles`, pods(['get', 'list', 'watch']));
    expect(refused.status).toBe(403);
    expect(refused.body.message).toContain('{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}');
    expect(send('alice', 'POST', `${RBAC}/roles`, pods(['get'])).status).toBe(201);
  });

  test('lets only those impersonate who may', () => {
    const send = openDoor();
    const as = { 'impersonate-user': 'bob' };
    expect(send('alice', 'GET', '/api/v1/pods', undefined, as).body.message).toBe(
      'users "bob" is forbidden: User "alice" cannot impersonate resource "users" in API group "" at the cluster scope',
    );
    expect(send('root', 'GET', '/api/v1/pods', undefined, as).body.message).toContain('User "bob" cannot list');
  });

  test('a kubelet lists only the pods of its own node', () => {
    const send = openDoor();
    const as = { 'impersonate-user': 'system:node:n1', 'impersonate-group': 'system:nodes' };
    const answer = send('root', 'GET', '/api/v1/pods', undefined, as);
    expect(answer.body.message).toContain('can only list/watch pods with spec.nodeName field selector');
  });
});
