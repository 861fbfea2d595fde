/**
 * A part of an application that belongs together: objects and further charts that share a namespace and labels. Subclass it to
 * make a component with parameters of its own.
 */
import { Construct } from 'constructs';
import type { KubernetesObject } from '../kubernetes/object';
import { type ScopeProps, setScopeProps } from './scope-props';
import { synthesize } from './synthesis';
import { writeYaml } from './yaml-writer';

/**
 * @example
 * class Redis extends Chart {
 *   constructor(scope: Construct, id: string, props: ChartProps & { memory: Quantity }) {
 *     super(scope, id, props);
 *     new Service(this, 'redis', { spec: { ... } });
 *   }
 * }
 */
export class Chart extends Construct {
  constructor(scope: Construct, id: string, props: ChartProps = {}) {
    super(scope, id);
    setScopeProps(this, props);
  }

  /** The objects of this chart and of those inside it, in the order in which they are applied. */
  toObjects(): KubernetesObject[] {
    return synthesize(this);
  }

  /** The same as a stream of YAML documents. */
  toYaml(): string {
    return writeYaml(this.toObjects());
  }
}

export interface ChartProps extends ScopeProps {}
