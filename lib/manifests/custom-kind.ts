/** The class of a custom kind, for modules that `drydock import crd` writes. */
import { type KindClass, kindClass } from './kind-class';

/** @example const Certificate = customKind('cert-manager.io/v1', 'Certificate'); new Certificate(app, 'web', { spec }) */
export const customKind = <A extends string, K extends string>(apiVersion: A, kind: K): KindClass<A, K> =>
  kindClass(apiVersion, kind);
