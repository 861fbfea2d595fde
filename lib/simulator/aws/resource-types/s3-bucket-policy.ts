/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucketpolicy.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { findBucket } from '../s3/state';

export const bucketPolicy: ResourceType = {
  typeName: 'AWS::S3::BucketPolicy',
  create: ({ Bucket, PolicyDocument }, request) => {
    findBucket(request, Bucket).policy = JSON.stringify(PolicyDocument);
    return Bucket;
  },
  update: (name, { PolicyDocument }, request) => {
    findBucket(request, name).policy = JSON.stringify(PolicyDocument);
  },
  delete: (name, request) => {
    findBucket(request, name).policy = undefined;
  },
};
