/**
 * What a local cloud was asked to do, in order: enough to have it again after it was killed. The simulation is
 * deterministic, so the same requests at the same virtual times give the same cloud, down to every name and address.
 *
 * A request that waits for webhooks is handled several times: each time is written, with what the webhooks had said by then.
 * A request is written before it is answered: what was acknowledged is never lost. Questions change nothing and are not
 * written. Left out: what is done inside containers (exec, cp), and compaction - a journal grows with every change.
 */

import type { ClientCertificate } from './cluster/api-server/auth/authenticator';
import { OutboundCalls, type RecordedCalls } from './cluster/api-server/outbound/outbound-calls';

/** Appends to a file, and reads what is in it. */
export interface JournalFile {
  /** Lines, oldest first; none for a new journal. */
  read(): readonly string[];
  /** Returns when the line will survive the death of this process. */
  append(line: string): void;
}

/** The first line. */
export interface JournalHeader {
  readonly version: 1;
  readonly seed: number;
  /** Virtual, milliseconds since 1970. */
  readonly startTime: number;
}

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** Of the URL, without the question mark. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Base64. */
  readonly body: string;
  readonly certificate?: ClientCertificate;
  /** What webhooks had answered. */
  readonly calls?: RecordedCalls;
}

export interface JournalEntry {
  /** Virtual time at which it was answered, milliseconds since 1970. */
  readonly at: number;
  /** Wall time: bearer tokens expire by it. */
  readonly wall: number;
  /** Undefined for AWS, else the name of the cluster. */
  readonly cluster?: string;
  readonly request: RecordedRequest;
}

/** A request as the doors know it. */
export interface LiveRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly certificate?: RecordedRequest['certificate'];
  readonly calls?: OutboundCalls;
}

export function recordRequest({ query, body, ...rest }: LiveRequest): RecordedRequest {
  const { method, path, headers, certificate, calls } = rest;
  return {
    method,
    path,
    query: query.toString(),
    headers,
    body: Buffer.from(body).toString('base64'),
    ...(certificate ? { certificate } : {}),
    ...(calls && calls.answers.size > 0 ? { calls: calls.record() } : {}),
  };
}

export function replayRequest(recorded: RecordedRequest): LiveRequest & { readonly body: Buffer } {
  const { query, body, calls, ...rest } = recorded;
  return {
    ...rest,
    query: new URLSearchParams(query),
    body: Buffer.from(body, 'base64'),
    calls: new OutboundCalls(calls),
  };
}

/**
 * Splits a journal into header and entries. A last line that was cut off by the death of the process was never
 * acknowledged, and is left out.
 * @throws SyntaxError when any other line cannot be read
 */
export function parseJournal(lines: readonly string[]): { header: JournalHeader; entries: JournalEntry[] } | undefined {
  if (lines.length === 0) return undefined;
  const [first, ...rest] = lines;
  const entries = rest.flatMap((line, index): JournalEntry[] => {
    try {
      return [JSON.parse(line) as JournalEntry];
    } catch (error) {
      if (index === rest.length - 1) return [];
      throw error;
    }
  });
  return { header: JSON.parse(first!) as JournalHeader, entries };
}
