/**
 * Hosted zones and their records. Route 53 has no regions.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/Welcome.html
 *
 * Left out: answering DNS queries, health checks, routing policies, DNSSEC, limits. Changes are INSYNC at once.
 */
import { AwsError } from '../aws-error';
import { globalState, type Scope } from '../service';
import type { Tag } from '../tags';

export interface HostedZone {
  readonly id: string;
  /** With its last dot. */
  readonly name: string;
  readonly callerReference: string;
  readonly nameServers: readonly string[];
  readonly isPrivate: boolean;
  comment?: string;
  tags: readonly Tag[];
  /** By `name type set-identifier`. */
  readonly records: Map<string, RecordSet>;
}

export interface RecordSet {
  readonly name: string;
  readonly type: string;
  readonly setIdentifier?: string;
  readonly ttl?: number;
  readonly values: readonly string[];
  readonly alias?: { readonly hostedZoneId: string; readonly dnsName: string; readonly evaluateTargetHealth: boolean };
}

export const zonesOf = globalState('route53', () => new Map<string, HostedZone>());

export interface NewZone {
  readonly name: string;
  readonly callerReference: string;
  readonly comment?: string;
  readonly isPrivate?: boolean;
  readonly tags?: readonly Tag[];
}

/** A new zone has two records already: its name servers and its start of authority. */
export function createZone(scope: Scope, input: NewZone): HostedZone {
  const random = scope.account.stateOf('route53/ids', () => scope.account.random('route53'));
  const id = `Z${random.text(20, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')}`;
  const name = fullName(input.name);
  const nameServers = ['com', 'net', 'org', 'co.uk'].map(
    (domain, i) => `ns-${random.int(512) + i * 512}.awsdns-${10 + random.int(50)}.${domain}`,
  );
  const zone: HostedZone = {
    id,
    name,
    callerReference: input.callerReference,
    nameServers,
    isPrivate: input.isPrivate ?? false,
    comment: input.comment,
    tags: input.tags ?? [],
    records: new Map(),
  };
  zonesOf(scope).set(id, zone);
  setRecord(zone, { name, type: 'NS', ttl: 172_800, values: nameServers.map((server) => `${server}.`) });
  const authority = `${nameServers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`;
  setRecord(zone, { name, type: 'SOA', ttl: 900, values: [authority] });
  return zone;
}

export function findZone(scope: Scope, id: string): HostedZone {
  const zone = zonesOf(scope).get(id.replace(/^\/?hostedzone\//, ''));
  if (!zone) throw new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, 404);
  return zone;
}

export function deleteZone(scope: Scope, id: string): void {
  const zone = findZone(scope, id);
  const isOwn = ({ name, type }: RecordSet) => name === zone.name && (type === 'NS' || type === 'SOA');
  if ([...zone.records.values()].some((record) => !isOwn(record))) {
    throw new AwsError(
      'HostedZoneNotEmpty',
      'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
    );
  }
  zonesOf(scope).delete(zone.id);
}

export type RecordAction = 'CREATE' | 'UPSERT' | 'DELETE';

/** All or nothing. @throws InvalidChangeBatch */
export function changeRecords(zone: HostedZone, changes: readonly { action: RecordAction; record: RecordSet }[]): void {
  for (const { action, record } of changes) {
    const what = `[name='${record.name}', type='${record.type}']`;
    if (!record.name.endsWith(zone.name)) {
      throw invalidBatch(`RRSet with DNS name ${record.name} is not permitted in zone ${zone.name}`);
    }
    if (action === 'CREATE' && zone.records.has(keyOf(record))) {
      throw invalidBatch(`Tried to create resource record set ${what} but it already exists`);
    }
    if (action === 'DELETE' && !zone.records.has(keyOf(record))) {
      throw invalidBatch(`Tried to delete resource record set ${what} but it was not found`);
    }
  }
  for (const { action, record } of changes) {
    if (action === 'DELETE') zone.records.delete(keyOf(record));
    else setRecord(zone, record);
  }
}

function invalidBatch(message: string): AwsError {
  return new AwsError('InvalidChangeBatch', `[${message}]`);
}

function setRecord(zone: HostedZone, record: RecordSet): void {
  zone.records.set(keyOf(record), record);
}

function keyOf({ name, type, setIdentifier = '' }: RecordSet): string {
  return `${name} ${type} ${setIdentifier}`;
}

/** `Example.com` -> `example.com.` */
export function fullName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower : `${lower}.`;
}

/** By reversed labels, as Route 53 lists them: `com.example` before `com.example.www`. */
export function sortedRecords(zone: HostedZone): RecordSet[] {
  const order = ({ name, type, setIdentifier = '' }: RecordSet) =>
    `${name.split('.').reverse().join('.')} ${type} ${setIdentifier}`;
  return [...zone.records.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}
