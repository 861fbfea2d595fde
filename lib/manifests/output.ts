/**
 * How synthesised objects are laid out in files: all in one, one per chart, or one per object. The same app gives the same files,
 * and no two objects of a cluster can have the same file.
 */
import type { KubernetesObject } from '../kubernetes/object';
import { writeJson } from './json-writer';
import { chartPathOf } from './synthesis';
import { writeDocument, writeYaml } from './yaml-writer';

export interface OutputOptions {
  /** @default chart */
  readonly per?: 'app' | 'chart' | 'object';
  /** @default yaml */
  readonly format?: 'yaml' | 'json';
}

export interface OutputFile {
  /** Relative, with `/`: `shop.yaml`, `shop/web.yaml`, `shop/web/Deployment.web.yaml`. */
  readonly path: string;
  readonly text: string;
}

/** Of an app, what stands in no chart; and everything, when there is one file. */
const NO_CHART = 'app';

/** @param objects in the order in which they are applied, which each file keeps */
export function layOut(objects: readonly KubernetesObject[], options: OutputOptions = {}): OutputFile[] {
  const { per = 'chart', format = 'yaml' } = options;
  if (per === 'object') {
    return objects.map((object) => {
      const text = format === 'json' ? `${JSON.stringify(object, undefined, 2)}\n` : writeDocument(object);
      return { path: `${objectPath(object)}.${format}`, text };
    });
  }
  const groups = new Map<string, KubernetesObject[]>();
  for (const object of objects) {
    const path = per === 'app' ? NO_CHART : chartPathOf(object) || NO_CHART;
    const group = groups.get(path);
    if (group) group.push(object);
    else groups.set(path, [object]);
  }
  return [...groups].map(([path, group]) => ({
    path: `${path.split('/').map(fileName).join('/')}.${format}`,
    text: format === 'json' ? writeJson(group) : writeYaml(group),
  }));
}

/** Chart, namespace, kind with its group where the name alone is not enough, name: what makes an object one of its kind. */
function objectPath(object: KubernetesObject): string {
  const { kind, metadata } = object;
  const chart = (chartPathOf(object) || NO_CHART).split('/');
  const place = metadata.namespace === undefined ? [] : [metadata.namespace];
  const name = `${kind}.${metadata.name ?? metadata.generateName ?? 'unnamed'}`;
  return [...chart, ...place, name].map(fileName).join('/');
}

/** RBAC names may hold `:`, which not every file system takes. */
const fileName = (name: string): string => name.replaceAll(/[^A-Za-z0-9._-]/g, '_');
