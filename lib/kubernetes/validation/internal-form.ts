/**
 * The form in which the server's own structs appear in messages: it converts what it reads to internal types, whose fields
 * have no JSON names, so that encoding/json writes them all, by the names of Go, in the order of their declaration:
 * `{"Name":"c","Image":"nginx","Command":null,...}`. https://pkg.go.dev/encoding/json#Marshal
 *
 * The internal types are nearly the versioned ones, so the form follows from the schema by rule; `RENAMED`, `ORDER` and
 * `podSpec` say where they part. Types of apimachinery (labels selectors, metadata, quantities) are used as they are and keep
 * their JSON names.
 */
import { Printed } from '../field-errors';
import { givenEmpty } from '../schema/go-form';
import { type Schema, schemaOfType } from '../schema/schema';

type Form = Record<string, unknown>;

const CORE = 'io.k8s.api.core.v1.';
const MACHINERY = 'io.k8s.apimachinery.';

/** Words that Go writes in another way than with a capital at the front. */
const INITIALISMS: Readonly<Record<string, string>> = {
  apiGroup: 'APIGroup',
  apiVersion: 'APIVersion',
  apiVersions: 'APIVersions',
  apiGroups: 'APIGroups',
  awsElasticBlockStore: 'AWSElasticBlockStore',
  cel: 'CEL',
  cephfs: 'CephFS',
  chapAuthDiscovery: 'DiscoveryCHAPAuth',
  chapAuthSession: 'SessionCHAPAuth',
  cidr: 'CIDR',
  csi: 'CSI',
  dnsConfig: 'DNSConfig',
  dnsPolicy: 'DNSPolicy',
  fc: 'FC',
  fsGroup: 'FSGroup',
  fsGroupChangePolicy: 'FSGroupChangePolicy',
  fsType: 'FSType',
  gcePersistentDisk: 'GCEPersistentDisk',
  gmsaCredentialSpec: 'GMSACredentialSpec',
  gmsaCredentialSpecName: 'GMSACredentialSpecName',
  grpc: 'GRPC',
  httpGet: 'HTTPGet',
  jsonPath: 'JSONPath',
  openAPIV3Schema: 'OpenAPIV3Schema',
  httpHeaders: 'HTTPHeaders',
  ip: 'IP',
  iqn: 'IQN',
  iscsi: 'ISCSI',
  iscsiInterface: 'ISCSIInterface',
  nfs: 'NFS',
  os: 'OS',
  pdID: 'PdID',
  pdName: 'PDName',
  rbd: 'RBD',
  seLinuxChangePolicy: 'SELinuxChangePolicy',
  seLinuxOptions: 'SELinuxOptions',
  sslEnabled: 'SSLEnabled',
  storageos: 'StorageOS',
  tcpSocket: 'TCPSocket',
  tty: 'TTY',
  uid: 'UID',
  wwids: 'WWIDs',
};

const CEPH = { monitors: 'CephMonitors', image: 'RBDImage', pool: 'RBDPool', user: 'RadosUser' };

const JSON_SCHEMA = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/** Fields that have another name in the internal type. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [`${CORE}RBDVolumeSource`]: CEPH,
  [`${CORE}RBDPersistentVolumeSource`]: CEPH,
  [`${CORE}AzureDiskVolumeSource`]: { diskURI: 'DataDiskURI' },
  [JSON_SCHEMA]: {
    id: 'ID',
    $schema: 'Schema',
    $ref: 'Ref',
    'x-kubernetes-preserve-unknown-fields': 'XPreserveUnknownFields',
    'x-kubernetes-embedded-resource': 'XEmbeddedResource',
    'x-kubernetes-int-or-string': 'XIntOrString',
    'x-kubernetes-list-map-keys': 'XListMapKeys',
    'x-kubernetes-list-type': 'XListType',
    'x-kubernetes-map-type': 'XMapType',
    'x-kubernetes-validations': 'XValidations',
  },
};

/** The order of the internal type where it is not that of the versioned one; also drops what the internal type lacks. */
const ORDER: Readonly<Record<string, readonly string[]>> = {
  [`${CORE}Volume`]: words(
    'name hostPath emptyDir gcePersistentDisk awsElasticBlockStore gitRepo secret nfs iscsi glusterfs persistentVolumeClaim',
    'rbd quobyte flexVolume cinder cephfs flocker downwardAPI fc azureFile configMap vsphereVolume azureDisk',
    'photonPersistentDisk projected portworxVolume scaleIO storageos csi ephemeral image',
  ),
  [`${CORE}PersistentVolumeSource`]: words(
    'gcePersistentDisk awsElasticBlockStore hostPath glusterfs nfs rbd quobyte iscsi flexVolume cinder cephfs fc flocker',
    'azureFile vsphereVolume azureDisk photonPersistentDisk portworxVolume scaleIO local storageos csi',
  ),
  [`${CORE}PodSpec`]: words(
    'volumes initContainers containers ephemeralContainers restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds',
    'dnsPolicy nodeSelector serviceAccountName automountServiceAccountToken nodeName securityContext imagePullSecrets',
    'hostname subdomain setHostnameAsFQDN affinity schedulerName tolerations hostAliases priorityClassName priority',
    'preemptionPolicy dnsConfig readinessGates runtimeClassName overhead enableServiceLinks topologySpreadConstraints os',
    'schedulingGates resourceClaims resources hostnameOverride workloadRef',
  ),
  [JSON_SCHEMA]: words(
    'id $schema $ref description type nullable format title default maximum exclusiveMaximum minimum exclusiveMinimum',
    'maxLength minLength pattern maxItems minItems uniqueItems multipleOf enum maxProperties minProperties required items',
    'allOf oneOf anyOf not properties additionalProperties patternProperties dependencies additionalItems definitions',
    'externalDocs example x-kubernetes-preserve-unknown-fields x-kubernetes-embedded-resource x-kubernetes-int-or-string',
    'x-kubernetes-list-map-keys x-kubernetes-list-type x-kubernetes-map-type x-kubernetes-validations',
  ),
  [`${CORE}PodSecurityContext`]: words(
    'hostNetwork hostPID hostIPC shareProcessNamespace hostUsers seLinuxOptions windowsOptions runAsUser runAsGroup',
    'runAsNonRoot supplementalGroups supplementalGroupsPolicy fsGroup fsGroupChangePolicy sysctls seccompProfile',
    'appArmorProfile seLinuxChangePolicy',
  ),
};

function words(...lines: readonly string[]): readonly string[] {
  return lines.join(' ').split(' ');
}

/** The sources are embedded in the spec of a volume, and have no type of their own in OpenAPI. */
const schemaOf = (typeName: string): Schema =>
  schemaOfType(typeName === `${CORE}PersistentVolumeSource` ? `${CORE}PersistentVolumeSpec` : typeName);

/** The value of a type, such as `io.k8s.api.core.v1.Toleration`, as the server prints its internal form. */
export function internalForm(typeName: string, value: any): unknown {
  return structForm(typeName, schemaOf(typeName), value);
}

/** The same on one line, as the value of a field error. */
export function printInternal(typeName: string, value: any): Printed {
  return new Printed(goJsonText(internalForm(typeName, value)));
}

/** The same of a list of a type. */
export function printInternalList(typeName: string, values: readonly any[] | null | undefined): Printed {
  return new Printed(goJsonText(values ? values.map((value) => internalForm(typeName, value)) : null));
}

const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

export function goJsonText(value: unknown, indent = ''): string {
  return JSON.stringify(value, undefined, indent).replace(/[<>&\u2028\u2029]/g, (c) => escapes[c]!);
}

/** Fields of a Pod that say how it shares the host belong to its security context inside the server. */
const HOST_FIELDS = ['hostNetwork', 'hostPID', 'hostIPC'] as const;
const HOST_POINTERS = ['shareProcessNamespace', 'hostUsers'] as const;

function structForm(typeName: string, schema: Schema, value: any): Form {
  let source = value ?? {};
  if (typeName === `${CORE}PodSpec`) source = { ...source, securityContext: securityContextOf(source) };
  const form: Form = {};
  const renamed = RENAMED[typeName];
  for (const name of ORDER[typeName] ?? schema.fields!.keys()) {
    const goName = renamed?.[name] ?? INITIALISMS[name] ?? name[0]!.toUpperCase() + name.slice(1);
    const field = schema.fields!.get(name);
    const item = source[name] ?? (value && givenEmpty(value, name));
    // The metadata of a template is embedded, and has JSON names.
    if (field?.typeName?.endsWith('.ObjectMeta')) Object.assign(form, machineryForm(item));
    else if (typeName === JSON_SCHEMA && item !== undefined && SCHEMA_UNIONS[name]) {
      form[goName] = SCHEMA_UNIONS[name](item, typeof item === 'object' ? internalForm(JSON_SCHEMA, item) : null);
    } else if (field) form[goName] = fieldForm(field, item);
    else form[goName] = item ?? ((HOST_FIELDS as readonly string[]).includes(name) ? false : null);
  }
  return form;
}

/** Where JSON has a schema or something else, Go has a struct with a field for each. */
const SCHEMA_UNIONS: Readonly<Record<string, (item: unknown, form: unknown) => Form>> = {
  items: (_, form) => ({ Schema: form, JSONSchemas: null }),
  additionalProperties: (item, form) => ({ Allows: item !== false, Schema: form }),
};

function securityContextOf(spec: any): any {
  const context = { ...spec.securityContext };
  for (const name of [...HOST_FIELDS, ...HOST_POINTERS]) if (spec[name] !== undefined) context[name] = spec[name];
  return context;
}

function fieldForm(schema: Schema, value: unknown): unknown {
  if (value === undefined || value === null) return zeroForm(schema);
  return presentForm(schema, value);
}

function presentForm(schema: Schema, value: any): unknown {
  switch (schema.type) {
    case 'struct':
      if (schema.typeName?.startsWith(MACHINERY)) return machineryForm(value);
      return structForm(schema.typeName!, schema, value);
    case 'list':
      return Array.isArray(value) ? value.map((item) => presentForm(schema.items!, item)) : value;
    case 'map':
      return sorted(value, (item) => presentForm(schema.values!, item));
    default:
      return value;
  }
}

/** What an unset field looks like: pointers, lists and maps are null, everything else is zero. */
function zeroForm(schema: Schema): unknown {
  if (schema.go?.pointer) return null;
  switch (schema.type) {
    case 'struct':
      return schema.typeName?.startsWith(MACHINERY) ? {} : structForm(schema.typeName!, schema, {});
    case 'string':
      if (schema.format === 'byte' || schema.format === 'date-time') return null;
      if (schema.format === 'int-or-string') return 0;
      return schema.format === 'quantity' ? '0' : '';
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return false;
    default:
      return null;
  }
}

/** Types with JSON names are as in the API, but for their maps, whose keys Go sorts. */
function machineryForm(value: any): Form {
  const form: Form = {};
  for (const name in value) {
    const item = value[name];
    if (item === undefined || item === null) continue;
    const isMap = name === 'labels' || name === 'annotations' || name === 'matchLabels';
    form[name] = isMap ? sorted(item, (each) => each) : item;
  }
  return form;
}

function sorted(map: Record<string, unknown>, of: (item: any) => unknown): Form {
  const keys = Object.keys(map).sort((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [key, of(map[key])]));
}
