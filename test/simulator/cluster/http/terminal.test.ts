/** A shell in a terminal, as `kubectl exec -it` asks for it, over a bare WebSocket. */
import WebSocket from 'ws';
import { serveCluster } from '../../../helpers/served-cluster';

const [STDIN, STDOUT, STATUS, RESIZE] = [0, 1, 3, 4];

test('echoes, edits, prompts, interrupts, and ends with ^D', async () => {
  const cluster = await serveCluster({ http: true });
  const { client } = { client: cluster.cluster.clientFor('kubernetes-admin', 'test') };
  client.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'box', namespace: 'default' },
    spec: { containers: [{ name: 'box', image: 'busybox', command: ['sleep', '36000'] }] },
  });
  cluster.cluster.simulation.settle();
  const url = `${cluster.url.replace('http', 'ws')}/api/v1/namespaces/default/pods/box/exec`;
  const socket = new WebSocket(`${url}?command=sh&stdin=true&stdout=true&tty=true`, 'v5.channel.k8s.io', {
    headers: { authorization: 'Bearer drydock-admin' },
  });
  let shown = '';
  let status: any;
  let heard = () => {};
  socket.on('message', (data: Buffer) => {
    if (data[0] === STDOUT) shown += data.subarray(1).toString();
    if (data[0] === STATUS) status = JSON.parse(data.subarray(1).toString());
    heard();
  });
  const shows = (text: string) =>
    new Promise<void>((resolve) => {
      heard = () => {
        if (shown.endsWith(text)) resolve();
      };
      heard();
    });
  const send = (channel: number, text: string) =>
    socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]));
  try {
    await shows('/ # ');
    send(RESIZE, '{"Width":120,"Height":40}');
    send(STDIN, 'echo helo\u007flo\r');
    await shows('hello\r\n/ # ');
    expect(shown).toBe('/ # echo helo\b \blo\r\nhello\r\n/ # ');
    send(STDIN, 'sleep 100000\r');
    send(STDIN, '\u0003');
    await shows('^C\r\n/ # ');
    send(STDIN, 'echo $?\r');
    await shows('130\r\n/ # ');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    send(STDIN, '\u0004');
    await closed;
    expect(status).toEqual({ metadata: {}, status: 'Success' });
  } finally {
    socket.terminate();
    await cluster.close();
  }
}, 20_000);
