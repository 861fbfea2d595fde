import { readForm } from '../../../../lib/simulator/aws/http/query-protocol';
import { readXml } from '../../../../lib/simulator/aws/http/read-xml';
import { flatList, listOf, xmlElement } from '../../../../lib/simulator/aws/http/xml';

describe('a form', () => {
  test('spells lists with and without "member", in the order of their numbers', () => {
    const form = new URLSearchParams(
      'Action=X&Version=1&Tags.member.2.Key=b&Tags.member.1.Key=a&Filter.1.Name=vpc-id&Filter.1.Value.1=v1&Filter.1.Value.2=v2',
    );
    expect(readForm(form)).toEqual({
      Tags: [{ Key: 'a' }, { Key: 'b' }],
      Filter: [{ Name: 'vpc-id', Value: ['v1', 'v2'] }],
    });
  });

  test('says an empty list with an empty plural, and keeps empty strings elsewhere', () => {
    const form = new URLSearchParams('Capabilities=&Description=&Parameters.member.1.ParameterValue=');
    expect(readForm(form)).toEqual({ Capabilities: [], Description: '', Parameters: [{ ParameterValue: '' }] });
  });
});

describe('XML', () => {
  test('is written with the item names of its protocol, without what is undefined', () => {
    const value = { a: ['x', { b: 1 }], c: listOf('Zone', ['z']), d: flatList('E', [true, false]), f: undefined };
    expect(xmlElement('R', value, 'member')).toBe(
      '<R><a><member>x</member><member><b>1</b></member></a><c><Zone>z</Zone></c><E>true</E><E>false</E></R>',
    );
    expect(xmlElement('R', 'a < b & "c"', 'item')).toBe('<R>a &lt; b &amp; &quot;c&quot;</R>');
  });

  test('is read into lists of children, with its entities', () => {
    const text = '<?xml version="1.0"?>\n<Delete xmlns="x"><Object><Key>a&amp;b&#x41;</Key></Object><Object/></Delete>';
    expect(readXml(text)).toEqual({ Delete: [{ Object: [{ Key: ['a&bA'] }, ''] }] });
  });

  test.each(['<a>', '<a></b>', '</a>', '<a', 'x < y', '<!DOCTYPE a><a/>'])(
    'is refused when it is malformed: %s',
    (text) => {
      expect(() => readXml(text)).toThrow('The XML you provided was not well-formed');
    },
  );
});
