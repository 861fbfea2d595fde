/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html */
import type { Properties, ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { createBucket, deleteBucket, findBucket } from '../s3/state';

function configure(name: string, properties: Properties, request: ResourceRequest): void {
  const bucket = findBucket(request, name);
  const [rule] = properties.BucketEncryption?.ServerSideEncryptionConfiguration ?? [];
  const byDefault = rule?.ServerSideEncryptionByDefault;
  bucket.encryption = { algorithm: byDefault?.SSEAlgorithm ?? 'AES256', keyId: byDefault?.KMSMasterKeyID };
  bucket.versioning = properties.VersioningConfiguration?.Status;
  bucket.publicAccessBlock = properties.PublicAccessBlockConfiguration;
  bucket.tags = request.tags(properties.Tags);
}

export const bucket: ResourceType = {
  typeName: 'AWS::S3::Bucket',
  latencies: { create: 20_000 },
  create: (properties, request) => {
    const name = String(properties.BucketName ?? request.generatedName(63).toLowerCase());
    createBucket(request, name);
    configure(name, properties, request);
    return name;
  },
  update: (name, properties, request) => configure(name, properties, request),
  delete: (name, request) => deleteBucket(request, name),
  attributes: {
    Arn: (name) => `arn:aws:s3:::${name}`,
    DomainName: (name) => `${name}.s3.amazonaws.com`,
    RegionalDomainName: (name, { region }) => `${name}.s3.${region}.amazonaws.com`,
    DualStackDomainName: (name, { region }) => `${name}.s3.dualstack.${region}.amazonaws.com`,
    WebsiteURL: (name, { region }) => `http://${name}.s3-website-${region}.amazonaws.com`,
  },
};
