/** Small programs that use the network: wget, curl, nslookup, nc -z. */
import type { HttpResponse } from '../../network/http-message';
import type { ShellCommand } from './commands';

export const networkCommands: Readonly<Record<string, ShellCommand>> = {
  wget(args, { state, streams }) {
    const options = parseOptions(args, ['-O', '-T', '-o', '--timeout', '--tries', '-t', '--header', '-Y']);
    const url = withScheme(options.rest[0] ?? '');
    const quiet = options.flags.some((flag) => /^-\w*q/.test(flag));
    const response = state.container.fetch(url);
    const host = new URL(url).host;
    if (!response) {
      streams.err(`wget: can't connect to remote host (${host}): Connection refused\n`);
      return 1;
    }
    if (response.status >= 400) {
      streams.err(`wget: server returned error: HTTP/1.1 ${response.status}\n`);
      return 1;
    }
    if (!quiet) streams.err(`Connecting to ${host}\n`);
    if (options.flags.includes('--spider')) return 0;
    const target = options.values['-O'] ?? args.find((arg) => /^-\w*O./.test(arg))?.replace(/^-\w*O/, '');
    if (target === '-') streams.out(response.body);
    else if (target !== '/dev/null') {
      const name = target ?? (new URL(url).pathname.split('/').pop() || 'index.html');
      state.container.files.write(state.resolvePath(name), response.body);
    }
    return 0;
  },
  curl(args, { state, streams }) {
    const valued = ['-o', '-w', '-H', '-X', '-d', '-m', '-u', '-A', '--max-time', '--connect-timeout', '--retry'];
    const options = parseOptions(args, valued);
    const url = withScheme(options.rest[0] ?? '');
    const headers: Record<string, string> = { 'user-agent': 'curl/8.16.0', accept: '*/*' };
    for (const header of options.repeated['-H'] ?? []) {
      const colon = header.indexOf(':');
      headers[header.slice(0, colon).toLowerCase()] = header.slice(colon + 1).trim();
    }
    const body = options.values['-d'];
    const method = options.values['-X'] ?? (body === undefined ? 'GET' : 'POST');
    const response = state.container.fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
    const has = (letter: string) => options.flags.some((flag) => new RegExp(`^-\\w*${letter}`).test(flag));
    if (!response) {
      const { hostname, port } = new URL(url);
      const message = `curl: (7) Failed to connect to ${hostname} port ${port || 80}: Could not connect to server\n`;
      if (!has('s') || has('S')) streams.err(message);
      return 7;
    }
    if (has('f') && response.status >= 400) {
      if (!has('s') || has('S')) streams.err(`curl: (22) The requested URL returned error: ${response.status}\n`);
      return 22;
    }
    const head = has('i') || has('I') ? headOf(response) : '';
    const text = head + (has('I') ? '' : response.body);
    if (options.values['-o'] === undefined) streams.out(text);
    else if (options.values['-o'] !== '/dev/null') {
      state.container.files.write(state.resolvePath(options.values['-o']), text);
    }
    const format = options.values['-w'];
    if (format) streams.out(format.replaceAll('%{http_code}', String(response.status)).replaceAll('\\n', '\n'));
    return 0;
  },
  nslookup([name = ''], { state, streams }) {
    const addresses = state.container.resolve(name);
    // The DNS Service has the tenth address of the range whose first one is the API server's.
    const server = (state.container.env.KUBERNETES_SERVICE_HOST ?? '10.96.0.1').replace(/\d+$/, '10');
    streams.out(`Server:\t\t${server}\nAddress:\t${server}:53\n\n`);
    if (addresses.length === 0) {
      streams.out(`** server can't find ${name}: NXDOMAIN\n\n`);
      return 1;
    }
    streams.out(addresses.map((address) => `Name:\t${name}\nAddress: ${address}\n`).join(''));
    return 0;
  },
  nc(args, { state }) {
    const [host, port] = args.filter((arg) => !arg.startsWith('-') && arg !== '');
    return host && port && state.container.fetch(`http://${host}:${port}/`) ? 0 : 1;
  },
};

interface Options {
  readonly flags: readonly string[];
  readonly values: Readonly<Record<string, string>>;
  readonly repeated: Readonly<Record<string, string[]>>;
  readonly rest: readonly string[];
}

function parseOptions(args: readonly string[], valued: readonly string[]): Options {
  const flags: string[] = [];
  const values: Record<string, string> = {};
  const repeated: Record<string, string[]> = {};
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const combined = /^-[a-zA-Z]*([a-zA-Z])$/.exec(arg);
    const name = valued.includes(arg)
      ? arg
      : combined && valued.includes(`-${combined[1]}`)
        ? `-${combined[1]}`
        : undefined;
    if (name !== undefined && i + 1 < args.length) {
      if (arg !== name) flags.push(arg);
      const value = args[++i]!;
      values[name] = value;
      repeated[name] = [...(repeated[name] ?? []), value];
    } else if (arg.startsWith('-') && arg.length > 1) flags.push(arg);
    else rest.push(arg);
  }
  return { flags, values, repeated, rest };
}

function withScheme(url: string): string {
  return /^\w+:\/\//.test(url) ? url : `http://${url}`;
}

function headOf({ status, headers = {} }: HttpResponse): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${status < 300 ? 'OK' : ''}\r\n${lines.join('')}\r\n`;
}
