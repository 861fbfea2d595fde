/**
 * What the generated types are made of: the API's special scalars and the ways in which the fields of one object
 * exclude each other. Types only; nothing here exists at run time.
 */
import type { ListMeta } from './meta-v1.generated';

/** A port or a count as a number, or a port by its name. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/ */
export type IntOrString = number | string;

/** A count, or a share of the replicas in whole per cent: `1`, `'25%'`. */
export type IntOrPercent = number | `${number}%`;

type BinarySuffix = 'Ki' | 'Mi' | 'Gi' | 'Ti' | 'Pi' | 'Ei';
type DecimalSuffix = 'n' | 'u' | 'm' | 'k' | 'M' | 'G' | 'T' | 'P' | 'E';

/**
 * An amount of something: `'500m'` (half a CPU), `'1.5Gi'`, `2`. A text that is only known at run time is taken in with
 * a cast (`memory as Quantity`) and checked with everything else at synthesis.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export type Quantity = number | `${number}` | `${number}${BinarySuffix | DecimalSuffix}`;

/** RFC 3339, whole seconds: `2026-01-01T00:00:00Z`. */
export type Time = string;

/** RFC 3339 with microseconds: `2026-01-01T00:00:00.000000Z`. */
export type MicroTime = string;

/** An object of any shape that the API keeps as it is. */
export type RawObject = { [field: string]: unknown };

/** What a list request answers. Items of a real list carry no apiVersion and kind. */
export interface List<T> {
  apiVersion: string;
  kind: string;
  metadata: ListMeta;
  items: T[];
}

/** An object inside another one, which says nothing of its own apiVersion and kind, or the same. */
export type Embedded<T extends { apiVersion: unknown; kind: unknown; metadata: unknown }> = Omit<
  T,
  'apiVersion' | 'kind' | 'metadata'
> &
  Partial<Pick<T, 'apiVersion' | 'kind'>> &
  Pick<T, 'metadata'>;

type Absent<T, K> = { [P in Exclude<keyof T, K>]?: never };

/** Exactly one of the fields of T: the sources of a volume, the handlers of a probe. */
export type ExactlyOne<T> = { [K in keyof T]-?: { [P in K]-?: T[P] } & Absent<T, K> }[keyof T];

/** One of the fields of T, or none: `value` or `valueFrom` of an environment variable. */
export type AtMostOne<T> = ExactlyOne<T> | { [P in keyof T]?: never };
