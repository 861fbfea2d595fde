/**
 * The EBS CSI driver's half in the cloud: claims become EBS volumes, tagged as the driver tags them.
 * https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md
 *
 * Left out: snapshots, resizing.
 */
import { AwsError, isNotFound } from '../aws/aws-error';
import { ATTACH_MS, DETACH_MS, type VolumeProvisioner, type VolumeRequest } from '../cluster/volume-provisioner';
import { type AwsGuard, awsApi, type ClusterSurroundings, tagList } from './aws-api';

const CREATE_MS = 2_000;
const DELETE_MS = 1_000;
const GIB = 1024 ** 3;

export function ebsVolumes(surroundings: ClusterSurroundings, guard?: AwsGuard): VolumeProvisioner {
  const aws = awsApi(surroundings, guard);
  const { clock } = surroundings.account.simulation;
  const createVolume = (request: VolumeRequest) => {
    const size = Math.max(1, Math.ceil(request.bytes / GIB));
    const zone = request.zone ?? firstZone(surroundings);
    const { parameters = {} } = request.storageClass;
    const created = aws.ec2('CreateVolume', {
      AvailabilityZone: zone,
      Size: size,
      VolumeType: parameters.type ?? 'gp3',
      Encrypted: parameters.encrypted === 'true',
      TagSpecification: [{ ResourceType: 'volume', Tag: tagList(volumeTags(surroundings.clusterName, request)) }],
    });
    return { handle: String(created.volumeId), bytes: size * GIB, zone };
  };
  return {
    create(request, done) {
      clock.after(CREATE_MS, () => {
        const result = orAwsError(() => createVolume(request));
        if (!(result instanceof AwsError)) done(result);
        else
          done(
            driverError(
              `Could not create volume "${request.name}": could not create volume in EC2`,
              'CreateVolume',
              result,
            ),
          );
      });
    },
    delete(handle, done) {
      clock.after(DELETE_MS, () => {
        const result = orAwsError(() => aws.ec2('DeleteVolume', { VolumeId: handle }));
        done(result instanceof Error && !isNotFound(result) ? result : undefined);
      });
    },
    attach({ handle, nodeName, providerId }, done) {
      clock.after(ATTACH_MS, () => {
        const InstanceId = instanceOf(providerId);
        const Device = firstFreeDevice(surroundings, InstanceId);
        const result = orAwsError(() => aws.ec2('AttachVolume', { VolumeId: handle, InstanceId, Device }));
        if (!(result instanceof AwsError)) done();
        else done(driverError(`Could not attach volume "${handle}" to node "${nodeName}"`, 'AttachVolume', result));
      });
    },
    detach({ handle, nodeName }, done) {
      clock.after(DETACH_MS, () => {
        const result = orAwsError(() => aws.ec2('DetachVolume', { VolumeId: handle }));
        // A volume whose instance is gone is detached already.
        const isDone = !(result instanceof AwsError) || isNotFound(result) || result.code === 'IncorrectState';
        if (isDone) done();
        else done(driverError(`Could not detach volume "${handle}" from node "${nodeName}"`, 'DetachVolume', result));
      });
    },
  };
}

/** `aws:///eu-west-1a/i-0f1e2d3c4b5a69788` */
const instanceOf = (providerId = '') => providerId.slice(providerId.lastIndexOf('/') + 1);

/** `/dev/xvdaa`, `/dev/xvdab`, ... */
function firstFreeDevice(surroundings: ClusterSurroundings, instanceId: string): string {
  const Filter = [{ Name: 'attachment.instance-id', Value: [instanceId] }];
  const volumes: any[] = awsApi(surroundings).ec2('DescribeVolumes', { Filter }).volumeSet ?? [];
  const used = new Set(volumes.flatMap(({ attachmentSet }) => attachmentSet.map(({ device }: any) => device)));
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];
  return letters.map((letter) => `/dev/xvda${letter}`).find((device) => !used.has(device)) ?? '/dev/xvdba';
}

/** As the driver wraps what the SDK of Go says. */
function driverError(what: string, operation: string, { status, code, message }: AwsError): Error {
  return new Error(
    `rpc error: code = Internal desc = ${what}: operation error EC2: ${operation}, https response error StatusCode: ${status}, api error ${code}: ${message}`,
  );
}

function volumeTags(clusterName: string, { name, claim }: VolumeRequest): Record<string, string> {
  return {
    'ebs.csi.aws.com/cluster': 'true',
    'ebs.csi.aws.com/cluster-name': clusterName,
    [`kubernetes.io/cluster/${clusterName}`]: 'owned',
    KubernetesCluster: clusterName,
    CSIVolumeName: name,
    Name: `${clusterName}-dynamic-${name}`,
    'kubernetes.io/created-for/pvc/name': claim.metadata.name!,
    'kubernetes.io/created-for/pvc/namespace': claim.metadata.namespace!,
    'kubernetes.io/created-for/pv/name': name,
  };
}

function firstZone(surroundings: ClusterSurroundings): string {
  const Filter = [{ Name: 'vpc-id', Value: [surroundings.vpcId] }];
  const subnets: { availabilityZone: string }[] =
    awsApi(surroundings).ec2('DescribeSubnets', { Filter }).subnetSet ?? [];
  return subnets.map((subnet) => subnet.availabilityZone).sort()[0] ?? `${surroundings.region}a`;
}

function orAwsError<T>(call: () => T): T | AwsError {
  try {
    return call();
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
}
