/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-certificatemanager-certificate.html
 *
 * With a `HostedZoneId`, CloudFormation writes the validation record itself. Without one it waits until somebody does.
 */
import { deleteCertificate } from '../acm/service';
import { certificateStatus, findCertificate, requestCertificate, validationRecord } from '../acm/state';
import { AwsError } from '../aws-error';
import type { ResourceType } from '../cloudformation/resource-type';
import { changeRecords, findZone } from '../route53/state';

export const certificate: ResourceType = {
  typeName: 'AWS::CertificateManager::Certificate',
  create: (properties, request) => {
    const arn = requestCertificate(request, { ...properties, Tags: request.tags(properties.Tags) }).CertificateArn;
    for (const { DomainName, HostedZoneId } of properties.DomainValidationOptions ?? []) {
      if (!HostedZoneId) continue;
      const record = validationRecord(request, String(DomainName));
      changeRecords(findZone(request, HostedZoneId), [{ action: 'UPSERT', record }]);
    }
    return arn;
  },
  settled: (arn, request) => {
    const status = certificateStatus(request, findCertificate(request, arn));
    if (status === 'VALIDATION_TIMED_OUT') throw new AwsError('NotStabilized', `Certificate ${arn} was not validated`);
    return status === 'ISSUED';
  },
  update: (arn, properties, request) => {
    findCertificate(request, arn).tags = request.tags(properties.Tags);
  },
  /** The validation record stays, and keeps its zone from being deleted. */
  delete: (arn, request) => deleteCertificate(request, arn),
  latencies: { deletePatience: 10 * 60_000 },
  attributes: { CertificateArn: (arn) => arn },
};
