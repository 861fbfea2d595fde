import { Cluster } from '../../../../lib/simulator/cluster/cluster';

const service = (name: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec: { selector: { app: 'x' }, ports: [{ port: 80 }], ...spec },
});

const start = (serviceCidr?: string) => new Cluster({ controllers: false, serviceCidr }).clientFor('system:masters');

test('a Service gets an address of the range, one of type NodePort a port between 30000 and 32767 as well', () => {
  const client = start('10.100.0.0/16');
  const { spec } = client.create('services', service('a', { type: 'NodePort' }));
  expect(spec.clusterIP).toMatch(/^10\.100\./);
  expect(spec.clusterIPs).toEqual([spec.clusterIP]);
  expect(spec).toMatchObject({ ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
  expect(spec.ports[0].nodePort).toBeGreaterThanOrEqual(30_000);
  expect(spec.ports[0].nodePort).toBeLessThanOrEqual(32_767);
});

test('what is taken is refused, and free again when its Service is gone', () => {
  const client = start();
  client.create(
    'services',
    service('a', { type: 'NodePort', clusterIP: '10.96.0.77', ports: [{ port: 80, nodePort: 31_000 }] }),
  );
  const again = service('b', { type: 'NodePort', clusterIP: '10.96.0.77', ports: [{ port: 80, nodePort: 31_000 }] });
  expect(() => client.create('services', again)).toThrow(
    'Service "b" is invalid: [spec.clusterIPs: Invalid value: ["10.96.0.77"]: failed to allocate IP 10.96.0.77: provided IP is ' +
      'already allocated, spec.ports[0].nodePort: Invalid value: 31000: provided port is already allocated]',
  );
  client.delete('services', 'default', 'a');
  expect(client.create('services', again).spec.clusterIP).toBe('10.96.0.77');
});

test('a port outside of the range is refused with the range', () => {
  const low = service('low', { type: 'NodePort', ports: [{ port: 80, nodePort: 29_999 }] });
  expect(() => start().create('services', low)).toThrow(
    'provided port is not in the valid range. The range of valid ports is 30000-32767',
  );
});

test('a range that is used up says so, after its last address was given out', () => {
  const client = start('10.1.0.0/29');
  // Six usable addresses, of which default/kubernetes has the first.
  for (let i = 0; i < 5; i++) client.create('services', service(`s${i}`));
  expect(() => client.create('services', service('more'))).toThrow('failed to allocate IP: range is full');
});

test('two protocols of one port share a node port', () => {
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ];
  const { spec } = start().create('services', service('dns', { type: 'NodePort', ports }));
  expect(spec.ports[0].nodePort).toBe(spec.ports[1].nodePort);
});

test('a headless Service and an ExternalName get no address', () => {
  const client = start();
  expect(client.create('services', service('headless', { clusterIP: 'None' })).spec.clusterIP).toBe('None');
  const external = { type: 'ExternalName', externalName: 'db.example.com', ports: undefined, selector: undefined };
  expect(client.create('services', service('external', external)).spec.clusterIP).toBeUndefined();
});
