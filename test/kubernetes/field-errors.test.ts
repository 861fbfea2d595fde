import { ErrorList, invalid, quote, root } from '../../lib/kubernetes/field-errors';

describe('field errors', () => {
  it('say the path, the kind of mistake, the value and the rule', () => {
    const errors = new ErrorList();
    const port = root('spec').child('ports').index(0);
    errors.required(port.child('name'));
    errors.invalid(port.child('port'), 0, 'must be between 1 and 65535, inclusive');
    errors.notSupported(port.child('protocol'), 'HTTP', ['SCTP', 'TCP', 'UDP']);
    errors.forbidden(root('metadata').child('labels').key('a/b'), 'not here');
    errors.tooLong('data', 1);
    errors.tooMany('items', 3, 2);
    errors.duplicate('x', { a: '<b>' });
    expect(errors.errors.map(({ field, body }) => `${field}: ${body}`)).toEqual([
      'spec.ports[0].name: Required value',
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
      'metadata.labels[a/b]: Forbidden: not here',
      'data: Too long: may not be more than 1 byte',
      'items: Too many: 3: must have at most 2 items',
      'x: Duplicate value: {"a":"\\u003cb\\u003e"}',
    ]);
  });

  it('become one 422 Status that lists every cause but says each text once', () => {
    const errors = new ErrorList();
    errors.required('spec.a');
    errors.required('spec.a');
    errors.required('spec.b');
    const status = invalid({ group: 'apps', kind: 'Deployment' }, 'web', errors).toStatus();
    expect(status.code).toBe(422);
    expect(status.message).toBe('Deployment.apps "web" is invalid: [spec.a: Required value, spec.b: Required value]');
    expect(status.details?.causes).toHaveLength(3);
  });

  it('quote texts as Go does', () => {
    expect(quote('a"b\\c\n\u0001é\u200b')).toBe('"a\\"b\\\\c\\n\\x01é\\u200b"');
  });
});
