/**
 * ConfigMaps and Secrets, and what Pods need of them: one key as a variable, all keys as variables, all keys as files.
 * https://kubernetes.io/docs/concepts/configuration/
 *
 * With `hashName`, the name ends in a hash of the content, as kustomize does it: other content is another object, every Pod that uses
 * it is another Pod, and the change rolls out (and back) like any other change of the template.
 */
import type { Construct } from 'constructs';
import type { KubernetesObject } from '../../kubernetes/object';
import type * as corev1 from '../../kubernetes/types/core-v1.generated';
import { UserError } from '../../kubernetes/user-error';
import { ApiObject, type PropsOf } from '../api-object';
import { closest } from '../closest';
import type { EnvSource } from './container';
import { contentHash } from './content-hash';
import { type Storage, volumeNameOf } from './volumes';

interface HashName {
  /**
   * Ends the name in a hash of the content. Edits and patches are made later and do not count.
   * @default false
   */
  readonly hashName?: boolean;
}

abstract class Configuration<K extends 'ConfigMap' | 'Secret', Key extends string>
  extends ApiObject<'v1', K>
  implements EnvSource, Storage
{
  constructor(scope: Construct, name: string, object: KubernetesObject, { hashName = false }: HashName) {
    const { metadata, ...content } = object;
    const named = hashName ? { ...metadata, name: `${metadata?.name ?? name}-${contentHash(content)}` } : metadata;
    super(scope, name, { ...content, ...(named ? { metadata: named } : {}) } as never);
  }

  /** The keys that are written down here. */
  protected get keys(): readonly string[] {
    const { data, binaryData, stringData } = this.written;
    return Object.keys({ ...data, ...binaryData, ...stringData });
  }

  protected known(key: Key): string {
    const { keys } = this;
    if (keys.includes(key)) return key;
    const instead = closest(key, keys);
    throw new UserError(
      'NoSuchKey',
      `${this.kind} "${this.name}" has no key "${key}"`,
      instead ? `Did you mean "${instead}"?` : `It has ${keys.join(', ') || 'no keys at all'}.`,
    );
  }

  /** One key, as the value of a variable. */
  abstract key(key: Key): corev1.EnvVarSource;
  /** All keys, as variables. @param prefix put before each name */
  abstract asEnvFrom(prefix?: string): corev1.EnvFromSource;
  /** All keys as files, or some of them: `settings.asVolume({ 'app.conf': 'conf.d/app.conf' })` */
  abstract asVolume(items?: { readonly [P in Key]?: string }): corev1.Volume;

  protected items(items: { readonly [P in Key]?: string } | undefined): { items?: corev1.KeyToPath[] } {
    if (items === undefined) return {};
    return { items: Object.entries<any>(items).map(([key, path]) => ({ key: this.known(key as Key), path })) };
  }
}

type KeysOf<D> = Extract<keyof D, string>;

/** @example const settings = new ConfigMap(shop, 'settings', { data: { URL: 'http://db' } }); settings.key('URL') */
export class ConfigMap<
  Data extends Record<string, string> = Record<string, string>,
  Binary extends Record<string, string> = Record<never, string>,
> extends Configuration<'ConfigMap', KeysOf<Data> | KeysOf<Binary>> {
  static readonly apiVersion = 'v1';
  static readonly kind = 'ConfigMap';

  constructor(
    scope: Construct,
    name: string,
    props: Omit<PropsOf<'v1', 'ConfigMap'>, 'data' | 'binaryData'> & {
      data?: Data;
      binaryData?: Binary;
    } & HashName = {},
  ) {
    const { hashName, ...rest } = props;
    super(scope, name, { apiVersion: 'v1', kind: 'ConfigMap', ...rest } as never, { hashName });
  }

  override key(key: KeysOf<Data> | KeysOf<Binary>): corev1.EnvVarSource {
    return { configMapKeyRef: { name: this.name, key: this.known(key) } };
  }

  override asEnvFrom(prefix?: string): corev1.EnvFromSource {
    return { ...(prefix === undefined ? {} : { prefix }), configMapRef: { name: this.name } };
  }

  override asVolume(items?: { readonly [P in KeysOf<Data> | KeysOf<Binary>]?: string }): corev1.Volume {
    return {
      name: volumeNameOf(this.node.id.slice('ConfigMap.'.length)),
      configMap: { name: this.name, ...this.items(items) },
    };
  }
}

/**
 * What is written here is readable in the manifests: for real secrets, name one that something else makes (External Secrets,
 * the CSI driver for Secrets Manager). https://kubernetes.io/docs/concepts/configuration/secret/
 */
export class Secret<
  Data extends Record<string, string> = Record<string, string>,
  Text extends Record<string, string> = Record<never, string>,
> extends Configuration<'Secret', KeysOf<Data> | KeysOf<Text>> {
  static readonly apiVersion = 'v1';
  static readonly kind = 'Secret';

  constructor(
    scope: Construct,
    name: string,
    props: Omit<PropsOf<'v1', 'Secret'>, 'data' | 'stringData'> & { data?: Data; stringData?: Text } & HashName = {},
  ) {
    const { hashName, ...rest } = props;
    super(scope, name, { apiVersion: 'v1', kind: 'Secret', ...rest } as never, { hashName });
  }

  override key(key: KeysOf<Data> | KeysOf<Text>): corev1.EnvVarSource {
    return { secretKeyRef: { name: this.name, key: this.known(key) } };
  }

  override asEnvFrom(prefix?: string): corev1.EnvFromSource {
    return { ...(prefix === undefined ? {} : { prefix }), secretRef: { name: this.name } };
  }

  override asVolume(items?: { readonly [P in KeysOf<Data> | KeysOf<Text>]?: string }): corev1.Volume {
    return {
      name: volumeNameOf(this.node.id.slice('Secret.'.length)),
      secret: { secretName: this.name, ...this.items(items) },
    };
  }
}

/** Storage that outlives Pods. https://kubernetes.io/docs/concepts/storage/persistent-volumes/ */
export class PersistentVolumeClaim extends ApiObject<'v1', 'PersistentVolumeClaim'> implements Storage {
  static readonly apiVersion = 'v1';
  static readonly kind = 'PersistentVolumeClaim';

  constructor(scope: Construct, name: string, props: PropsOf<'v1', 'PersistentVolumeClaim'>) {
    super(scope, name, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...props });
  }

  asVolume(): corev1.Volume {
    return { name: volumeNameOf(this.name), persistentVolumeClaim: { claimName: this.name } };
  }
}
