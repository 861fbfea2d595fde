/**
 * Databases and caches, as far as probes and people see them: the port that they listen on, what they log when they are up, and
 * the client programs that health checks run inside. They hold no data and speak no protocol.
 * https://hub.docker.com/_/postgres https://hub.docker.com/_/mysql https://hub.docker.com/_/redis https://hub.docker.com/_/mongo
 */
import type { ContainerView, ExecResult, ImageBehaviour } from '../image-behaviour';

interface Server {
  readonly sizeBytes: number;
  readonly port: number;
  readonly command: readonly string[];
  readonly entrypoint?: readonly string[];
  /** How long it prepares itself, in milliseconds. */
  readonly startDelay: number;
  /** At least one of these variables has to be set. */
  readonly needsOneOf?: readonly string[];
  /** What it says, and ends with, when none is. */
  readonly complaint?: string;
  readonly logs: readonly string[];
  /** The programs that say whether it is up, and what they print. */
  readonly clients: Readonly<Record<string, string>>;
}

function server({
  needsOneOf = [],
  complaint = '',
  port,
  clients,
  logs,
  startDelay,
  ...image
}: Server): ImageBehaviour {
  const isConfigured = ({ env }: ContainerView) => needsOneOf.length === 0 || needsOneOf.some((name) => env[name]);
  const isUp = (container: ContainerView) => container.now() - container.startedAt >= startDelay;
  return {
    ...image,
    entrypoint: image.entrypoint ?? ['docker-entrypoint.sh'],
    startDelay,
    ports: (container) => (isConfigured(container) ? [port] : []),
    // It answers nobody who speaks HTTP.
    http: () => undefined,
    logs: (container) => (isConfigured(container) ? logs : complaint.split('\n')),
    exit: (container) => (isConfigured(container) ? undefined : { after: 500, code: 1 }),
    exec(command, container): ExecResult | undefined {
      const name = programOf(command, clients);
      if (name === undefined) return undefined;
      if (isUp(container)) return { stdout: clients[name]!, stderr: '', exitCode: 0 };
      return { stdout: '', stderr: `${name}: could not connect to the server: Connection refused\n`, exitCode: 1 };
    },
  };
}

/** The client that a command runs, itself or as the only thing in a `sh -c`. */
function programOf(command: readonly string[], clients: Readonly<Record<string, string>>): string | undefined {
  const words =
    command[1] === '-c' && /^(?:.*\/)?(?:ba|a)?sh$/.test(command[0]!) ? command[2]!.trim().split(/\s+/) : command;
  const first = words[0] === 'exec' ? words[1] : words[0];
  const name = first?.slice(first.lastIndexOf('/') + 1);
  return name !== undefined && Object.hasOwn(clients, name) ? name : undefined;
}

export const postgres = server({
  sizeBytes: 160_000_000,
  port: 5432,
  command: ['postgres'],
  startDelay: 2_000,
  needsOneOf: ['POSTGRES_PASSWORD', 'POSTGRES_PASSWORD_FILE', 'POSTGRES_HOST_AUTH_METHOD'],
  complaint:
    'Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".',
  logs: [
    'PostgreSQL init process complete; ready for start up.',
    'LOG:  listening on IPv4 address "0.0.0.0", port 5432',
    'LOG:  database system is ready to accept connections',
  ],
  clients: { pg_isready: '/var/run/postgresql:5432 - accepting connections\n', psql: '' },
});

export const mysql = server({
  sizeBytes: 250_000_000,
  port: 3306,
  command: ['mysqld'],
  startDelay: 8_000,
  needsOneOf: [
    'MYSQL_ROOT_PASSWORD',
    'MYSQL_ALLOW_EMPTY_PASSWORD',
    'MYSQL_RANDOM_ROOT_PASSWORD',
    'MYSQL_ROOT_PASSWORD_FILE',
    'MARIADB_ROOT_PASSWORD',
  ],
  complaint:
    '[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD',
  logs: [
    "/usr/sbin/mysqld: ready for connections. Version: '8.4.7'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306",
  ],
  clients: { mysqladmin: 'mysqld is alive\n', mysql: '', 'mariadb-admin': 'mysqld is alive\n', 'healthcheck.sh': '' },
});

export const redis = server({
  sizeBytes: 45_000_000,
  port: 6379,
  command: ['redis-server'],
  startDelay: 100,
  logs: ['* Server initialized', '* Ready to accept connections tcp'],
  clients: { 'redis-cli': 'PONG\n', 'valkey-cli': 'PONG\n' },
});

export const mongo = server({
  sizeBytes: 300_000_000,
  port: 27017,
  command: ['mongod'],
  startDelay: 3_000,
  logs: [
    '{"s":"I","c":"NETWORK","id":23016,"ctx":"listener","msg":"Waiting for connections","attr":{"port":27017,"ssl":"off"}}',
  ],
  clients: { mongosh: '{ ok: 1 }\n', mongo: '{ "ok" : 1 }\n' },
});

export const memcached = server({
  sizeBytes: 30_000_000,
  port: 11211,
  command: ['memcached'],
  startDelay: 50,
  logs: [],
  clients: {},
});

export const rabbitmq = server({
  sizeBytes: 100_000_000,
  port: 5672,
  command: ['rabbitmq-server'],
  startDelay: 10_000,
  logs: ['Server startup complete; 3 plugins started.'],
  clients: { 'rabbitmq-diagnostics': 'Ping succeeded\n', rabbitmqctl: '' },
});
