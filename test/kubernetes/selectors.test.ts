import { compileLabelSelector, matchesLabels } from '../../lib/kubernetes/selectors';

describe('label selectors', () => {
  const web = { app: 'web', tier: 'front' };

  test('an empty selector matches everything, no selector matches nothing', () => {
    expect(compileLabelSelector({})(undefined)).toBe(true);
    expect(compileLabelSelector(undefined)(web)).toBe(false);
  });

  test.each([
    [{ matchLabels: { app: 'web' } }, true],
    [{ matchLabels: { app: 'web', tier: 'back' } }, false],
    [{ matchExpressions: [{ key: 'tier', operator: 'In', values: ['front', 'back'] }] }, true],
    [{ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['front'] }] }, false],
    [{ matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'Exists' }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
    [{ matchLabels: { app: 'web' }, matchExpressions: [{ key: 'zone', operator: 'Exists' }] }, false],
  ])('%j on app=web,tier=front is %s', (selector, expected) => {
    expect(compileLabelSelector(selector)(web)).toBe(expected);
  });

  test('a plain map of labels must be contained', () => {
    expect(matchesLabels({ app: 'web' }, web)).toBe(true);
    expect(matchesLabels({ app: 'web', zone: 'a' }, web)).toBe(false);
  });
});
