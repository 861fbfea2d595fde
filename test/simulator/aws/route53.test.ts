import { AwsAccount } from '../../../lib/simulator/aws/account';
import { Simulation } from '../../../lib/simulator/simulation';

function prepared() {
  const account = new AwsAccount({ simulation: new Simulation() });
  const send = (method: string, path: string, body = '') =>
    account.answer({
      method,
      path: `/2013-04-01${path}`,
      query: new URLSearchParams(),
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/route53/aws4_request' },
      body: Buffer.from(body),
    });
  return { account, send };
}

test('a zone keeps records, and cannot go before they do', () => {
  const { account, send } = prepared();
  const cfn = (operation: string, input: object) => account.call('cloudformation', operation, { ...input });
  const TemplateBody = JSON.stringify({
    Resources: { Zone: { Type: 'AWS::Route53::HostedZone', Properties: { Name: 'example.com' } } },
    Outputs: { Id: { Value: { Ref: 'Zone' } } },
  });
  cfn('CreateStack', { StackName: 'dns', TemplateBody });
  account.finishOperations();
  const id: string = cfn('DescribeStacks', { StackName: 'dns' }).Stacks[0].Outputs[0].OutputValue;
  const change = (action: string) =>
    send(
      'POST',
      `/hostedzone/${id}/rrset/`,
      `<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>${action}</Action><ResourceRecordSet>` +
        '<Name>www.example.com</Name><Type>TXT</Type><TTL>300</TTL><ResourceRecords><ResourceRecord>' +
        '<Value>"heritage=external-dns,external-dns/owner=dev"</Value></ResourceRecord></ResourceRecords>' +
        '</ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>',
    );
  expect(change('CREATE').status).toBe(200);
  expect(String(change('CREATE').body)).toContain(
    "Tried to create resource record set [name='www.example.com.', type='TXT'] but it already exists",
  );
  expect(String(send('GET', `/hostedzone/${id}/rrset`).body)).toContain('heritage=external-dns');

  cfn('DeleteStack', { StackName: 'dns' });
  account.finishOperations();
  expect(cfn('DescribeStacks', { StackName: 'dns' }).Stacks[0].StackStatus).toBe('DELETE_FAILED');
  expect(cfn('DescribeStackEvents', { StackName: 'dns' }).StackEvents[1].ResourceStatusReason).toContain(
    'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
  );
  expect(change('DELETE').status).toBe(200);
  cfn('DeleteStack', { StackName: 'dns' });
  account.finishOperations();
  expect(String(send('GET', '/hostedzone').body)).not.toContain('example.com');
});
