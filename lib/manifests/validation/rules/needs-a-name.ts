/** Objects that cannot be applied twice. */
import type { Rule } from '../rule';

export const needsAName: Rule = {
  id: 'needs-a-name',
  severity: 'error',
  see: 'https://kubernetes.io/docs/reference/using-api/server-side-apply/',
  about:
    'What is applied again and again must have the same name each time; generateName makes another object each time.',
  check(app, report) {
    for (const object of app.objects) {
      const { name, generateName } = object.metadata;
      if (!generateName || name) continue;
      report(object, {
        field: 'metadata.generateName',
        message: 'has a generateName and no name: it cannot be applied',
        fix: 'give it a name',
      });
    }
  },
};
