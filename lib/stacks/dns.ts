/**
 * Names for what the cluster serves: ExternalDNS keeps the records of hosted zones in step with Services and Ingresses, and
 * a certificate for the zone's names is validated through the zone itself.
 * https://docs.aws.amazon.com/eks/latest/userguide/community-addons.html
 */
import { CfnOutput } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import type { ICluster } from 'aws-cdk-lib/aws-eks-v2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { externalDns } from '../platform-service-accounts';
import { Addon } from './addon';

export interface DnsProps {
  readonly cluster: ICluster;
  /** The zone whose records follow the cluster. */
  readonly hostedZone: IHostedZone;
  /** What gives ExternalDNS nodes to run on: the node groups. @default nothing: nodes are there already */
  readonly after?: readonly Construct[];
  /** A certificate for the zone's name and everything one level below it. @default true */
  readonly certificate?: boolean;
  /**
   * Whether records are deleted when their Service or Ingress goes, or only ever added.
   * @default sync: they are deleted
   */
  readonly policy?: 'sync' | 'upsert-only';
}

export class Dns extends Construct {
  readonly certificate?: acm.Certificate;

  constructor(scope: Construct, id: string, props: DnsProps) {
    super(scope, id);
    const { cluster, hostedZone } = props;
    new Addon(this, 'ExternalDns', {
      cluster,
      addonName: 'external-dns',
      identity: {
        serviceAccount: externalDns.name,
        managedPolicies: [],
        statements: [
          new PolicyStatement({ actions: ['route53:ChangeResourceRecordSets'], resources: [hostedZone.hostedZoneArn] }),
          new PolicyStatement({
            actions: ['route53:ListHostedZones', 'route53:ListResourceRecordSets', 'route53:ListTagsForResources'],
            resources: ['*'],
          }),
        ],
      },
      configuration: {
        policy: props.policy ?? 'sync',
        domainFilters: [hostedZone.zoneName],
        // Marks the records as this cluster's, so that two clusters in one zone leave each other's alone.
        txtOwnerId: cluster.clusterName,
      },
    }).after(...(props.after ?? []));
    if (props.certificate === false) return;
    this.certificate = new acm.Certificate(this, 'Certificate', {
      domainName: hostedZone.zoneName,
      subjectAlternativeNames: [`*.${hostedZone.zoneName}`],
      validation: acm.CertificateValidation.fromDns(hostedZone),
    });
    new CfnOutput(this, 'CertificateArn', { value: this.certificate.certificateArn });
  }
}
