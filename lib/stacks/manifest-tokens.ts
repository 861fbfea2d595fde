/**
 * Reads tokens of the CDK in manifests of the same program: a token becomes the output of its stack that has the same value. Only
 * outputs that the app declares count, because the deployed template is made by another run of the app.
 * https://docs.aws.amazon.com/cdk/v2/guide/tokens.html
 */
import { CfnOutput, Stack, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { referenceText } from '../stack-output';

/** What eks-drydock/manifests asks, by a symbol that all copies of the library share. */
const TOKEN_READER = Symbol.for('eks-drydock.tokenReader');

/** Registers the reader; the last copy of the library that is loaded answers. */
export function registerTokenReader(): void {
  (globalThis as { [TOKEN_READER]?: (text: string) => string })[TOKEN_READER] = readTokens;
}

function readTokens(text: string): string {
  return Tokenization.reverseString(text).tokens.reduce((known, token) => {
    const target = (token as { target?: IConstruct }).target;
    const output = target === undefined ? undefined : outputWith(Stack.of(target), token);
    return output === undefined ? known : known.replaceAll(token.toString(), output);
  }, text);
}

/** The reference to the output of a stack whose value is the same expression. */
function outputWith(stack: Stack, value: unknown): string | undefined {
  const wanted = JSON.stringify(stack.resolve(value));
  const output = stack.node
    .findAll()
    .find(
      (each): each is CfnOutput => each instanceof CfnOutput && JSON.stringify(stack.resolve(each.value)) === wanted,
    );
  if (output === undefined) return undefined;
  return referenceText({ stack: stack.stackName, output: stack.resolve(output.logicalId) as string });
}
