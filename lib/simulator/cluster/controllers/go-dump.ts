/**
 * Writes an object the way Kubernetes' own dumper (go-spew, `%#v`, sorted keys) writes the Go struct it is decoded into:
 * the text over which controllers compute their hashes, such as a Deployment's `pod-template-hash`. The names of
 * ReplicaSets depend on every character of it.
 * https://pkg.go.dev/github.com/davecgh/go-spew/spew (`pkg/util/hash.DeepHashObject`)
 *
 * `(v1.PodTemplateSpec){ObjectMeta:(v1.ObjectMeta){Name:(string) ... Labels:(map[string]string)map[app:web] ...} Spec:...}`
 *
 * - every field of a struct is written, in Go's order, set or not: `Field:(type)value`; an unset pointer, list or map is
 *   `(*v1.Probe)<nil>`; a pointer shows what it points to: `(*int64)30`;
 * - strings are not quoted; list items and map keys and values carry no type: `([]string)[a b]`, `map[k:v]`.
 *
 * The order and the types of the fields are those of the schema; what JSON names differently is in {@link GO_NAMES}.
 * Left out: quantities beyond 18 digits, which Go holds in another form.
 */
import { type Schema, schemaOfType } from '../../../kubernetes/schema/schema';

/** Go field names that are not just the JSON name with a capital letter. */
const GO_NAMES: Readonly<Record<string, string>> = {
  apiGroup: 'APIGroup',
  apiVersion: 'APIVersion',
  awsElasticBlockStore: 'AWSElasticBlockStore',
  cephfs: 'CephFS',
  chapAuthDiscovery: 'DiscoveryCHAPAuth',
  chapAuthSession: 'SessionCHAPAuth',
  csi: 'CSI',
  diskURI: 'DataDiskURI',
  dnsConfig: 'DNSConfig',
  dnsPolicy: 'DNSPolicy',
  endpoints: 'EndpointsName',
  fc: 'FC',
  fsGroup: 'FSGroup',
  fsGroupChangePolicy: 'FSGroupChangePolicy',
  fsType: 'FSType',
  gcePersistentDisk: 'GCEPersistentDisk',
  gmsaCredentialSpec: 'GMSACredentialSpec',
  gmsaCredentialSpecName: 'GMSACredentialSpecName',
  grpc: 'GRPC',
  httpGet: 'HTTPGet',
  httpHeaders: 'HTTPHeaders',
  ip: 'IP',
  iqn: 'IQN',
  iscsi: 'ISCSI',
  iscsiInterface: 'ISCSIInterface',
  monitors: 'CephMonitors',
  nfs: 'NFS',
  os: 'OS',
  pdName: 'PDName',
  rbd: 'RBD',
  seLinuxChangePolicy: 'SELinuxChangePolicy',
  seLinuxOptions: 'SELinuxOptions',
  serviceAccount: 'DeprecatedServiceAccount',
  sslEnabled: 'SSLEnabled',
  storageos: 'StorageOS',
  tcpSocket: 'TCPSocket',
  tty: 'TTY',
  uid: 'UID',
  wwids: 'WWIDs',
};

/** The same where it holds in one struct only. */
const GO_NAMES_OF: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'io.k8s.api.core.v1.PodTemplateSpec': { metadata: 'ObjectMeta' },
  'io.k8s.api.core.v1.PersistentVolumeClaimTemplate': { metadata: 'ObjectMeta' },
  'io.k8s.api.core.v1.RBDVolumeSource': { image: 'RBDImage', pool: 'RBDPool', user: 'RadosUser' },
};

const NIL = '<nil>';
const ZERO_TIME = '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}';

/** The text of a value of the OpenAPI type `typeName`; `goType` is what Go calls it, e.g. `v1.PodTemplateSpec`. */
export function goDump(typeName: string, goType: string, value: unknown): string {
  return `(${goType})${dump(schemaOfType(typeName), value)}`;
}

function dump(schema: Schema, value: any): string {
  switch (schema.type) {
    case 'struct':
      return dumpStruct(schema, value ?? {});
    case 'list':
      if (!value?.length) return NIL;
      return `[${value.map((item: unknown) => dump(schema.items!, item)).join(' ')}]`;
    case 'map': {
      const keys = Object.keys(value ?? {}).sort();
      if (keys.length === 0) return NIL;
      return `map[${keys.map((key) => `${key}:${dump(schema.values!, value[key])}`).join(' ')}]`;
    }
    case 'integer':
    case 'number':
      return String(value ?? 0);
    case 'boolean':
      return String(value ?? false);
    default:
      return dumpText(schema, value);
  }
}

function dumpStruct(schema: Schema, value: Record<string, unknown>): string {
  const renamed = GO_NAMES_OF[schema.typeName ?? ''];
  const groups: { readonly embedded?: string; readonly parts: string[] }[] = [];
  for (const [name, field] of schema.fields!) {
    const { embedded } = field.go!;
    const goName = renamed?.[name] ?? GO_NAMES[name] ?? name[0]!.toUpperCase() + name.slice(1);
    let group = groups.at(-1);
    if (!group || group.embedded !== embedded) {
      group = { ...(embedded ? { embedded } : {}), parts: [] };
      groups.push(group);
    }
    group.parts.push(`${goName}:${dumpField(field, value[name])}`);
  }
  const texts = groups.map(({ embedded, parts }) =>
    embedded ? `${embedded}:(v1.${embedded}){${parts.join(' ')}}` : parts.join(' '),
  );
  return `{${texts.join(' ')}}`;
}

function dumpField(field: Schema, value: unknown): string {
  const { type, pointer } = field.go!;
  if (!pointer) return `(${type})${dump(field, value)}`;
  return value === undefined || value === null ? `(*${type})${NIL}` : `(*${type})${dump(field, value)}`;
}

function dumpText(schema: Schema, value: unknown): string {
  if (schema.format === 'quantity') return dumpQuantity(value as string | undefined);
  if (schema.format === 'int-or-string') {
    return typeof value === 'string'
      ? `{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)${value}}`
      : `{Type:(intstr.Type)0 IntVal:(int32)${value ?? 0} StrVal:(string)}`;
  }
  if (schema.typeName?.endsWith('meta.v1.Time')) return ZERO_TIME;
  return String(value ?? '');
}

const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

/** `100m` is 100 with scale -3; `128Mi` is 134217728 with scale 0; the spelling is kept beside it. */
function dumpQuantity(text = ''): string {
  const [, digits = '0', suffix = ''] = /^(-?\d+)(.*)$/.exec(text) ?? [];
  const binary = BINARY.indexOf(suffix);
  let value = digits;
  let scale = 0;
  let format = 'DecimalSI';
  if (text === '' || text === '0') format = '';
  else if (binary >= 0) {
    value = String(BigInt(digits) << BigInt(10 * (binary + 1)));
    format = 'BinarySI';
  } else if (/^[eE]-?\d+$/.test(suffix)) {
    scale = Number(suffix.slice(1));
    format = 'DecimalExponent';
  } else scale = DECIMAL[suffix] ?? 0;
  const amount = `{value:(int64)${value} scale:(resource.Scale)${scale}}`;
  return `{i:(resource.int64Amount)${amount} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${text} Format:(resource.Format)${format}}`;
}
