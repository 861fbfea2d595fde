/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createKey, findKey, scheduleKeyDeletion } from '../kms/service';
import { LATENCY } from '../latencies';

export const kmsKey: ResourceType = {
  typeName: 'AWS::KMS::Key',
  replaceOn: ['KeySpec', 'KeyUsage', 'MultiRegion', 'Origin'],
  latencies: { create: LATENCY.kmsKey.create },
  create: (properties, request) => createKey(request, { ...properties, Tags: request.tags(properties.Tags) }).KeyId,
  update: (id, properties, request) => {
    const key = findKey(request, id);
    key.Description = String(properties.Description ?? '');
    key.policy = properties.KeyPolicy;
    key.rotation = String(properties.EnableKeyRotation) === 'true';
    key.KeyState = String(properties.Enabled ?? true) === 'true' ? 'Enabled' : 'Disabled';
    key.tags = request.tags(properties.Tags);
  },
  delete: (id, request, properties) => {
    scheduleKeyDeletion(request, id, Number(properties.PendingWindowInDays ?? 30));
  },
  attributes: {
    Arn: (id, request) => findKey(request, id).Arn,
    KeyId: (id) => id,
  },
};
