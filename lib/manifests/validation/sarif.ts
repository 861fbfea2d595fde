/**
 * Findings in the format that code hosts and editors read. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
import { relative, sep } from 'node:path';
import { apiRules } from './api-rules';
import type { Finding, Severity } from './finding';
import { rules } from './rules';

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', advice: 'note' };

/** A SARIF 2.1.0 log. @param root the files of findings are named relative to it */
export function sarifLog(findings: readonly Finding[], root: string): object {
  const known = [...apiRules, ...rules];
  const indexOf = new Map(known.map(({ id }, index) => [id, index]));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'drydock',
            rules: known.map(({ id, severity, see, about }) => ({
              id,
              shortDescription: { text: about },
              helpUri: see,
              defaultConfiguration: { level: LEVELS[severity] },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => result(finding, indexOf.get(finding.rule), root)),
      },
    ],
  };
}

function result(
  { rule, severity, message, fix, field, object, origin }: Finding,
  ruleIndex: number | undefined,
  root: string,
) {
  const where = object.namespace === undefined ? '' : ` in namespace "${object.namespace}"`;
  const text = `${object.kind} "${object.name}"${where}: ${message}`;
  const logical = [object.kind, object.namespace, object.name].filter((part) => part !== undefined).join('/');
  return {
    ruleId: rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: LEVELS[severity],
    message: { text: fix === undefined ? text : `${text}\nfix: ${fix}` },
    locations: [
      {
        ...(origin?.source === undefined ? {} : { physicalLocation: physical(origin.source, root) }),
        logicalLocations: [{ fullyQualifiedName: origin?.path ?? logical, kind: 'object' }],
      },
    ],
    // The same finding in the next run, although lines moved.
    partialFingerprints: { 'drydock/v1': [rule, logical, field ?? ''].join(' ') },
  };
}

function physical({ file, line }: { readonly file: string; readonly line: number }, root: string) {
  const uri = relative(root, file).split(sep).map(encodeURIComponent).join('/');
  return { artifactLocation: { uri, uriBaseId: '%SRCROOT%' }, region: { startLine: line } };
}
