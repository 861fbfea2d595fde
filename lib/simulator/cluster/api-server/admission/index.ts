/** The built-in admission plugins, in the order in which kube-apiserver runs them. */
import type { AdmissionPlugin } from './admission';
import { namespaceLifecycle } from './namespace-lifecycle';

export const admissionPlugins: readonly AdmissionPlugin[] = [namespaceLifecycle];
