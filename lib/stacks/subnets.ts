import * as ec2 from 'aws-cdk-lib/aws-ec2';

/** Where nodes and the control plane's network interfaces go: the private subnets, whether or not they lead out. */
export function privateSubnets(vpc: ec2.IVpc): ec2.SubnetSelection {
  const leadsOut = vpc.privateSubnets.length > 0;
  return { subnetType: leadsOut ? ec2.SubnetType.PRIVATE_WITH_EGRESS : ec2.SubnetType.PRIVATE_ISOLATED };
}
