/**
 * Where an object comes from: its place in the tree of constructs and the line of the user's program (or of a YAML
 * file) that made it. Every finding and every plan names both.
 *
 * Taking a stack is cheap because V8 formats it only when somebody reads it: what is kept per object is the unread
 * stack, and source maps are applied when a finding is printed.
 */
import { dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SourceLocation {
  /** Absolute path. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export interface Origin {
  /** The construct path, e.g. `webserver/Deployment.webserver`; for a plain file, its name. */
  readonly path: string;
  readonly source?: SourceLocation;
}

/** A stack that nobody has read yet. */
export interface CallSite {
  readonly stack?: string;
}

/** The frame below the outermost constructor is the one that is wanted; one more in case it is ours. */
const FRAMES = 2;
/** A helper of ours that makes an object for somebody stands at most this deep below the line that is wanted. */
const FRAMES_OF_HELPERS = 6;
const LIBRARY = dirname(__dirname) + sep;
const CONSTRUCTS = dirname(require.resolve('constructs/package.json')) + sep;

/**
 * Remembers who called the function or constructor `below`: with `new.target`, whoever said `new`.
 * @param byHelper whether one of our own helpers may have said it, on behalf of the program
 */
export function captureCallSite(below: object, byHelper = false): CallSite {
  const holder: CallSite = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = byHelper ? FRAMES_OF_HELPERS : FRAMES;
  Error.captureStackTrace(holder, below as () => void);
  Error.stackTraceLimit = limit;
  return holder;
}

/** The innermost line of the stack that is not ours. */
export function sourceOf(callSite: CallSite): SourceLocation | undefined {
  for (const line of (callSite.stack ?? '').split('\n')) {
    const match = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*):(\d+):\d+\)?$/.exec(line);
    if (!match) continue;
    const file = match[1]!.startsWith('file://') ? fileURLToPath(match[1]!) : match[1]!;
    if (file.startsWith(LIBRARY) || file.startsWith(CONSTRUCTS)) continue;
    return { file: file.replace(/\?.*$/, ''), line: Number(match[2]) };
  }
  return undefined;
}

/** `webserver/Service.web (manifests/webserver.ts:12)`, relative to the working directory. */
export function describeOrigin({ path, source }: Origin): string {
  return source === undefined ? path : `${path} (${relative(process.cwd(), source.file)}:${source.line})`;
}
