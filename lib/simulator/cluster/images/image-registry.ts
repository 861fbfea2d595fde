/**
 * The registry that the simulated nodes pull from. It knows the behaviour of some images, and has every other one too:
 * an unknown image just runs. Images can be made to fail, as a mistyped name would.
 * https://kubernetes.io/docs/concepts/containers/images/
 */
import { durationMs } from '../../../clock';
import { Random } from '../../random';
import { builtInImages } from './built-in';
import type { ImageBehaviour } from './image-behaviour';
import { unknownImage } from './unknown-image';

export interface Image {
  /** As the runtime names it: `docker.io/library/nginx:1.27`. */
  readonly reference: string;
  /** `docker.io/library/nginx@sha256:...` */
  readonly imageId: string;
  readonly sizeBytes: number;
  readonly behaviour: ImageBehaviour;
}

/** Why a pull fails. */
export type PullFailure = 'notFound' | 'unauthorized' | 'unreachable';

const DEFAULT_SIZE = 50_000_000;

export class ImageRegistry {
  private readonly behaviours = new Map<string, ImageBehaviour>();
  private readonly failures = new Map<string, PullFailure>();
  private readonly delays = new Map<string, number>();
  private readonly known = new Map<string, Image>();

  constructor() {
    for (const [name, behaviour] of Object.entries(builtInImages)) this.define(name, behaviour);
  }

  /**
   * Says how an image behaves, from the next start of a container on.
   * @param name a repository (all tags) such as `shop/api`, or one image of it such as `shop/api:v2`.
   */
  define(name: string, behaviour: ImageBehaviour): void {
    this.behaviours.set(hasTag(name) ? referenceOf(name) : repositoryOf(referenceOf(name)), behaviour);
    this.known.clear();
  }

  /** Makes pulls of an image fail until {@link restore}. @param name a repository, or one image of it. */
  fail(name: string, failure: PullFailure = 'notFound'): void {
    this.failures.set(hasTag(name) ? referenceOf(name) : repositoryOf(referenceOf(name)), failure);
  }

  restore(name: string): void {
    this.failures.delete(hasTag(name) ? referenceOf(name) : repositoryOf(referenceOf(name)));
  }

  /** Servers of an image listen so many milliseconds later, from the next start of a container on; 0 ends that. */
  delay(name: string, ms: number): void {
    const key = hasTag(name) ? referenceOf(name) : repositoryOf(referenceOf(name));
    if (ms > 0) this.delays.set(key, ms);
    else this.delays.delete(key);
    this.known.clear();
  }

  /** The words of the runtime when the image cannot be pulled; undefined when it can. */
  failureOf(name: string): string | undefined {
    const reference = referenceOf(name);
    const repository = repositoryOf(reference);
    const host = reference.slice(0, reference.indexOf('/'));
    const failure = host.endsWith('.invalid') ? 'unreachable' : undefined;
    const cause = this.failures.get(reference) ?? this.failures.get(repository) ?? failure;
    const prefix = `failed to pull and unpack image "${reference}": failed to resolve reference "${reference}"`;
    switch (cause) {
      case undefined:
        return undefined;
      case 'notFound':
        return `rpc error: code = NotFound desc = ${prefix}: ${reference}: not found`;
      case 'unauthorized':
        return `${prefix}: failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://${host}/token: 401 Unauthorized`;
      case 'unreachable':
        return `${prefix}: failed to do request: Head "https://${host}/v2/${repository.slice(host.length + 1)}/manifests/${reference.slice(repository.length + 1)}": dial tcp: lookup ${host}: no such host`;
    }
  }

  find(name: string): Image {
    const known = this.known.get(name);
    if (known) return known;
    const reference = referenceOf(name);
    const repository = repositoryOf(reference);
    const defined =
      this.behaviours.get(reference) ??
      this.behaviours.get(repository) ??
      this.behaviours.get(withoutMirror(repository)) ??
      unknownImage;
    const delay = this.delays.get(reference) ?? this.delays.get(repository) ?? 0;
    const behaviour = delay === 0 ? defined : { ...defined, startDelay: durationMs(defined.startDelay ?? 0) + delay };
    const image: Image = {
      reference,
      imageId: `${repository}@sha256:${digestOf(reference)}`,
      sizeBytes: behaviour.sizeBytes ?? DEFAULT_SIZE,
      behaviour,
    };
    this.known.set(name, image);
    return image;
  }
}

/** `nginx` is `docker.io/library/nginx:latest`, `shop/api:v2` is `docker.io/shop/api:v2`. */
export function referenceOf(name: string): string {
  const [first, ...rest] = name.split('/');
  const hasHost = rest.length > 0 && (first!.includes('.') || first!.includes(':') || first === 'localhost');
  const path = hasHost ? name : `docker.io/${rest.length === 0 ? 'library/' : ''}${name}`;
  return hasTag(path) ? path : `${path}:latest`;
}

function hasTag(name: string): boolean {
  return name.includes('@') || name.lastIndexOf(':') > name.lastIndexOf('/');
}

function repositoryOf(reference: string): string {
  const at = reference.indexOf('@');
  if (at >= 0) return repositoryOf(reference.slice(0, at));
  return hasTag(reference) ? reference.slice(0, reference.lastIndexOf(':')) : reference;
}

/** The official images are the same in the mirrors of other registries. */
function withoutMirror(repository: string): string {
  return repository.replace(/^(public\.ecr\.aws\/docker|mirror\.gcr\.io)\//, 'docker.io/');
}

function digestOf(reference: string): string {
  const pinned = /@sha256:([0-9a-f]{64})/.exec(reference);
  return pinned ? pinned[1]! : new Random(0).fork(reference).hex(64);
}
