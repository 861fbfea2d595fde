/** What EKS access policies allow in the cluster. */
import { Door } from '../../../lib/simulator/cluster/http/door';
import { startCloudStory } from '../../helpers/cloud';

const POLICY = 'arn:aws:eks::aws:cluster-access-policy/';

test('policies of an access entry are permissions, in their namespaces, as long as they are associated', () => {
  const { cloud, eks, apply } = startCloudStory({ nodes: 1 });
  const { cluster } = cloud.clusters.get('shop')!;
  const principalArn = `arn:aws:iam::${cloud.account.accountId}:role/team/developer`;
  const session = `arn:aws:sts::${cloud.account.accountId}:assumed-role/developer/ann`;
  const entry = { clusterName: 'shop', principalArn };
  eks('CreateAccessEntry', entry);
  apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'dev-a' } });
  // Whoever presents a token has assumed the role.
  const door = new Door(cluster.api, {
    authenticators: [() => ({ name: session, extra: { arn: [session] } })],
    serverAddress: '127.0.0.1:6443',
  });
  const ask = (method: string, path: string, body?: object): any => {
    const answer = door.answer({
      method,
      path,
      query: new URLSearchParams(),
      headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
      body: new TextEncoder().encode(body ? JSON.stringify(body) : ''),
    });
    return 'status' in answer ? { code: answer.status, body: JSON.parse(answer.body) } : undefined;
  };
  const associate = (name: string, accessScope: object) =>
    eks('AssociateAccessPolicy', { ...entry, policyArn: `${POLICY}${name}`, accessScope });
  const pods = '/api/v1/namespaces/dev-a/pods';
  const secrets = '/api/v1/namespaces/dev-a/secrets';
  expect(ask('GET', pods).body.message).toBe(
    `pods is forbidden: User "${session}" cannot list resource "pods" in API group "" in the namespace "dev-a"`,
  );

  associate('AmazonEKSViewPolicy', { type: 'namespace', namespaces: ['dev-*'] });
  expect(ask('GET', pods).code).toBe(200);
  expect(ask('GET', secrets).code).toBe(403);
  expect(ask('GET', '/api/v1/namespaces/default/pods').code).toBe(403);
  expect(ask('GET', '/api/v1/pods').code).toBe(403);

  associate('AmazonEKSEditPolicy', { type: 'namespace', namespaces: ['dev-a'] });
  expect(ask('GET', secrets).code).toBe(200);
  const review = ask('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {});
  expect(review.code).toBe(403);

  associate('AmazonEKSClusterAdminPolicy', { type: 'cluster' });
  expect(ask('GET', '/api/v1/nodes').code).toBe(200);
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'admins' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' }],
  };
  expect(ask('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', binding).code).toBe(201);
  const mayI = ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'delete', resource: 'nodes' } },
  });
  expect(mayI.body.status).toEqual({
    allowed: true,
    reason: `EKS Access Policy: allowed by ClusterRoleBinding "${principalArn}+${POLICY}AmazonEKSClusterAdminPolicy" of ClusterRole "${POLICY}AmazonEKSClusterAdminPolicy" to User "${session}"`,
  });

  const rules = ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace: 'default' },
  });
  expect(rules.body.status).toMatchObject({
    incomplete: true,
    evaluationError: 'webhook authorizer does not support user rule resolution',
  });

  eks('DisassociateAccessPolicy', { ...entry, policyArn: `${POLICY}AmazonEKSClusterAdminPolicy` });
  expect(ask('GET', '/api/v1/nodes').code).toBe(403);
  expect(() => associate('AmazonEKSHybridPolicy', { type: 'cluster' })).toThrow(
    /The access policy AmazonEKSHybridPolicy is not simulated/,
  );
});
