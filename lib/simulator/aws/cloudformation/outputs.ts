/**
 * Outputs, and exports that other stacks import.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
 */
import { validationError } from '../aws-error';
import { canonical, type Deployment } from './deployment';
import { evaluate } from './intrinsics';
import { cloudFormationOf, type StackOutput } from './state';

/** Evaluates the outputs and puts them on the stack. @throws ValidationError when an export clashes or is in use. */
export function applyOutputs({ scope, stack, desired, env }: Deployment): void {
  const state = cloudFormationOf(scope);
  const outputs: StackOutput[] = [];
  for (const [key, output] of Object.entries(desired.template.Outputs)) {
    if (output.Condition !== undefined && !env.condition(output.Condition)) continue;
    const value = evaluate(output.Value, env);
    if (typeof value === 'object') {
      throw validationError(
        `Template format error: Output ${key} is malformed. The Value field of every Outputs member must evaluate to a String.`,
      );
    }
    const ExportName = output.Export === undefined ? undefined : String(evaluate(output.Export.Name, env));
    outputs.push({ OutputKey: key, OutputValue: String(value), Description: output.Description, ExportName });
  }
  const exported = state.exports();
  for (const { ExportName } of outputs) {
    const other = exported.find((item) => item.name === ExportName && item.stack !== stack);
    if (other)
      throw validationError(`Export with name ${ExportName} is already exported by stack ${other.stack.name}.`);
  }
  for (const { ExportName, OutputValue } of stack.outputs) {
    if (ExportName === undefined) continue;
    const [user] = state.importersOf(ExportName).filter((importer) => importer !== stack);
    if (!user) continue;
    const kept = outputs.find((output) => output.ExportName === ExportName);
    if (!kept) throw validationError(`Export ${ExportName} cannot be deleted as it is in use by ${user.name}`);
    if (canonical(kept.OutputValue) !== canonical(OutputValue)) {
      throw validationError(`Export ${ExportName} cannot be updated as it is in use by ${user.name}`);
    }
  }
  stack.outputs = outputs;
}
