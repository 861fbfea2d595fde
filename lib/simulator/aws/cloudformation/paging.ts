/** Long answers come in pages: the token of a page says where the next begins. */
import { validationError } from '../aws-error';

const PAGE_SIZE = 100;

export function pageOf<T>(items: readonly T[], token: unknown): { items: T[]; NextToken?: string } {
  const start = token === undefined ? 0 : Number(Buffer.from(String(token), 'base64').toString('utf8'));
  if (!Number.isInteger(start)) throw validationError('The provided token is invalid');
  const end = start + PAGE_SIZE;
  const page = items.slice(start, end);
  if (end >= items.length) return { items: page };
  return { items: page, NextToken: Buffer.from(String(end)).toString('base64') };
}
