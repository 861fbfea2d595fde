/**
 * Key Management Service: keys and aliases as records. https://docs.aws.amazon.com/kms/latest/APIReference/Welcome.html
 *
 * Left out: cryptography, grants, rotation.
 */
import { AwsError } from '../aws-error';
import { jsonProtocol } from '../http/json-protocol';
import { regionalState, type Scope, type Service, type WireObject } from '../service';
import type { Tag } from '../tags';

export interface KmsKey {
  readonly KeyId: string;
  readonly Arn: string;
  readonly CreationDate: number;
  Description: string;
  KeyState: 'Enabled' | 'Disabled' | 'PendingDeletion';
  DeletionDate?: number;
  policy: unknown;
  rotation: boolean;
  tags: readonly Tag[];
}

interface KmsState {
  readonly keys: Map<string, KmsKey>;
  /** `alias/name` -> key id. */
  readonly aliases: Map<string, string>;
}

export const kmsOf = regionalState<KmsState>('kms', () => ({ keys: new Map(), aliases: new Map() }));

export function createKey(scope: Scope, input: WireObject): KmsKey {
  const KeyId = scope.account.stateOf('kms/ids', () => scope.account.random('kms')).uuid();
  const key: KmsKey = {
    KeyId,
    Arn: `arn:aws:kms:${scope.region}:${scope.account.accountId}:key/${KeyId}`,
    CreationDate: scope.account.now / 1000,
    Description: String(input.Description ?? ''),
    KeyState: 'Enabled',
    policy: input.KeyPolicy ?? input.Policy,
    rotation: String(input.EnableKeyRotation) === 'true',
    tags: input.Tags ?? [],
  };
  kmsOf(scope).keys.set(KeyId, key);
  return key;
}

/** By id, ARN, alias name or alias ARN. */
export function findKey(scope: Scope, name: string): KmsKey {
  const { keys, aliases } = kmsOf(scope);
  const plain = name.replace(/^arn:aws[a-z-]*:kms:[^:]+:\d+:/, '').replace(/^key\//, '');
  const key = keys.get(aliases.get(plain) ?? plain);
  if (!key) throw new AwsError('NotFoundException', `Key '${name}' does not exist`);
  return key;
}

/** A key is never gone at once: 7 to 30 days lie before it. */
export function scheduleKeyDeletion(scope: Scope, name: string, days = 30): KmsKey {
  const key = findKey(scope, name);
  key.KeyState = 'PendingDeletion';
  key.DeletionDate = scope.account.now / 1000 + days * 86_400;
  return key;
}

export function createAlias(scope: Scope, alias: string, keyName: string): void {
  const { aliases } = kmsOf(scope);
  const { KeyId } = findKey(scope, keyName);
  if (aliases.has(alias))
    throw new AwsError('AlreadyExistsException', `An alias with the name ${alias} already exists`);
  aliases.set(alias, KeyId);
}

function metadata(scope: Scope, key: KmsKey): WireObject {
  const { KeyId, Arn, CreationDate, Description, KeyState, DeletionDate } = key;
  return {
    AWSAccountId: scope.account.accountId,
    KeyId,
    Arn,
    CreationDate,
    Enabled: KeyState === 'Enabled',
    Description,
    KeyState,
    DeletionDate,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyManager: 'CUSTOMER',
    Origin: 'AWS_KMS',
    MultiRegion: false,
  };
}

export const kms: Service = {
  name: 'Kms',
  signingName: 'kms',
  protocol: jsonProtocol,
  operations: {
    CreateKey: (input, call) => ({ KeyMetadata: metadata(call, createKey(call, input)) }),
    DescribeKey: (input, call) => ({ KeyMetadata: metadata(call, findKey(call, input.KeyId)) }),
    ListKeys: (_input, call) => ({
      Keys: [...kmsOf(call).keys.values()].map(({ KeyId, Arn }) => ({ KeyId, KeyArn: Arn })),
      Truncated: false,
    }),
    CreateAlias: (input, call) => {
      createAlias(call, input.AliasName, input.TargetKeyId);
      return {};
    },
    DeleteAlias: (input, call) => {
      if (!kmsOf(call).aliases.delete(input.AliasName)) {
        throw new AwsError('NotFoundException', `Alias ${input.AliasName} is not found.`);
      }
      return {};
    },
    ListAliases: (_input, call) => ({
      Aliases: [...kmsOf(call).aliases].map(([AliasName, TargetKeyId]) => ({
        AliasName,
        AliasArn: `arn:aws:kms:${call.region}:${call.account.accountId}:${AliasName}`,
        TargetKeyId,
      })),
      Truncated: false,
    }),
    ScheduleKeyDeletion: (input, call) => {
      const key = scheduleKeyDeletion(call, input.KeyId, input.PendingWindowInDays);
      return { KeyId: key.Arn, DeletionDate: key.DeletionDate, KeyState: key.KeyState };
    },
    GetKeyPolicy: (input, call) => ({
      Policy: JSON.stringify(findKey(call, input.KeyId).policy),
      PolicyName: 'default',
    }),
    ListResourceTags: (input, call) => ({
      Tags: findKey(call, input.KeyId).tags.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value })),
      Truncated: false,
    }),
  },
};
