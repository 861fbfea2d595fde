/** ACM's API. https://docs.aws.amazon.com/acm/latest/APIReference/Welcome.html */
import { AwsError } from '../aws-error';
import { elbOf } from '../elbv2/state';
import { jsonProtocol } from '../http/json-protocol';
import type { Scope, Service, WireObject } from '../service';
import {
  type Certificate,
  certificateStatus,
  certificatesOf,
  findCertificate,
  requestCertificate,
  validationRecord,
} from './state';

/** ARNs of the load balancers that use the certificate. */
function usersOf(scope: Scope, certificateArn: string): string[] {
  return [...elbOf(scope).listeners.values()]
    .filter(({ Certificates }) => Certificates?.some((item: WireObject) => item.CertificateArn === certificateArn))
    .map(({ LoadBalancerArn }) => LoadBalancerArn);
}

/** @throws ResourceInUseException while a listener has it */
export function deleteCertificate(scope: Scope, arn: string): void {
  findCertificate(scope, arn);
  if (usersOf(scope, arn).length > 0) {
    throw new AwsError('ResourceInUseException', `Certificate ${arn} in account ${scope.account.accountId} is in use.`);
  }
  certificatesOf(scope).delete(arn);
}

function detail(scope: Scope, certificate: Certificate): WireObject {
  const { CertificateArn, DomainName, SubjectAlternativeNames, validationMethod, createdAt } = certificate;
  const Status = certificateStatus(scope, certificate);
  return {
    CertificateArn,
    DomainName,
    SubjectAlternativeNames,
    Status,
    Type: 'AMAZON_ISSUED',
    KeyAlgorithm: 'RSA-2048',
    CreatedAt: createdAt / 1000,
    IssuedAt: certificate.issuedAt && certificate.issuedAt / 1000,
    InUseBy: usersOf(scope, CertificateArn),
    RenewalEligibility: Status === 'ISSUED' ? 'ELIGIBLE' : 'INELIGIBLE',
    DomainValidationOptions: SubjectAlternativeNames.map((name) => {
      const record = validationRecord(scope, name);
      return {
        DomainName: name,
        ValidationDomain: name,
        ValidationMethod: validationMethod,
        ValidationStatus: Status === 'ISSUED' ? 'SUCCESS' : 'PENDING_VALIDATION',
        ResourceRecord:
          validationMethod === 'DNS' ? { Name: record.name, Type: record.type, Value: record.values[0] } : undefined,
      };
    }),
  };
}

export const acm: Service = {
  name: 'Acm',
  signingName: 'acm',
  protocol: jsonProtocol,
  operations: {
    RequestCertificate: (input, call) => ({ CertificateArn: requestCertificate(call, input).CertificateArn }),
    DescribeCertificate: ({ CertificateArn }, call) => ({
      Certificate: detail(call, findCertificate(call, CertificateArn)),
    }),
    ListCertificates: ({ CertificateStatuses }, call) => ({
      CertificateSummaryList: [...certificatesOf(call).values()]
        .map((item) => detail(call, item))
        .filter(({ Status }) => !CertificateStatuses || CertificateStatuses.includes(Status))
        .map(({ CertificateArn, DomainName, Status, Type }) => ({ CertificateArn, DomainName, Status, Type })),
    }),
    ListTagsForCertificate: ({ CertificateArn }, call) => ({ Tags: findCertificate(call, CertificateArn).tags }),
    DeleteCertificate: ({ CertificateArn }, call) => {
      deleteCertificate(call, CertificateArn);
      return {};
    },
  },
};
