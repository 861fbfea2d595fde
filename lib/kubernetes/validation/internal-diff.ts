/** The difference between two specs that the API server shows when somebody changes what must not change. */
import { goJsonText, internalForm } from './internal-form';
import { unifiedDiff } from './unified-diff';

/** Of two values of a type such as `io.k8s.api.core.v1.PodSpec`. */
export function printDiff(typeName: string, old: any, next: any): string {
  const text = (value: any) => goJsonText(internalForm(typeName, value), ' ');
  return unifiedDiff(text(old), text(next));
}
