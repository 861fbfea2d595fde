/**
 * The EBS CSI driver's half in the cloud: claims become EBS volumes, tagged as the driver tags them.
 * https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md
 *
 * Left out: snapshots, attaching to instances (a Pod's volume is where the Pod is), resizing.
 */
import { AwsError, isNotFound } from '../aws/aws-error';
import type { VolumeProvisioner, VolumeRequest } from '../cluster/volume-provisioner';
import { awsApi, type ClusterSurroundings, tagList } from './aws-api';

const CREATE_MS = 2_000;
const DELETE_MS = 1_000;
const GIB = 1024 ** 3;

export function ebsVolumes(surroundings: ClusterSurroundings): VolumeProvisioner {
  const aws = awsApi(surroundings);
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
      clock.after(CREATE_MS, () => done(orAwsError(() => createVolume(request))));
    },
    delete(handle, done) {
      clock.after(DELETE_MS, () => {
        const result = orAwsError(() => aws.ec2('DeleteVolume', { VolumeId: handle }));
        done(result instanceof Error && !isNotFound(result) ? result : undefined);
      });
    },
  };
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
