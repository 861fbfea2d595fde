/** What can be wrong with a value when it is read along its topology: messages carry the path, as the server prints it. */

/** One or more {@link TypedError}s, printed as the server does. */
export class TypedErrors extends Error {
  override readonly name = 'TypedErrors';

  constructor(readonly problems: readonly TypedProblem[]) {
    super(
      problems.length === 1
        ? problemText(problems[0]!)
        : ['errors:', ...problems.map((problem) => `  ${problemText(problem)}`)].join('\n'),
    );
  }
}

export interface TypedProblem {
  /** `.spec.containers[name="c"]`; empty for the whole value. */
  readonly path: string;
  readonly message: string;
}

const problemText = ({ path, message }: TypedProblem): string => (path === '' ? message : `${path}: ${message}`);

export const typedError = (message: string): TypedErrors => new TypedErrors([{ path: '', message }]);
