/**
 * Tokens of the AWS CDK in manifests: texts such as `${Token[Role.Arn.123]}`, which stand for what CloudFormation will know. This
 * library does not load the CDK; when a program uses eks-drydock/stacks beside it, that registers here how a token is read, as the
 * output of its stack. https://docs.aws.amazon.com/cdk/v2/guide/tokens.html
 */
import type { KubernetesObject } from '../kubernetes/object';
import { mapTexts } from './late-values';

/** Shared by all copies of this library in one process. */
export const TOKEN_READER = Symbol.for('eks-drydock.tokenReader');

/** A text with its tokens as outputs of stacks; those that no output has stay as they are. */
export type TokenReader = (text: string) => string;

const TOKEN = /\$\{Token\[[^\]]*\]\}|#\{Token\[[^\]]*\]\}/;

export const holdsToken = (text: string): boolean => text.includes('{Token[') && TOKEN.test(text);

/** Numbers that the CDK encodes: far beyond anything that is meant. */
export const isNumberToken = (value: number): boolean => value < -1e288;

/** The objects with outputs in the place of tokens; the very same when no CDK is there. */
export function readTokens(object: KubernetesObject): KubernetesObject {
  const read = (globalThis as { [TOKEN_READER]?: TokenReader })[TOKEN_READER];
  return read === undefined ? object : mapTexts(object, (text) => (holdsToken(text) ? read(text) : text));
}
