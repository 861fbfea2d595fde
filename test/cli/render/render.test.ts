import { chooseRenderer } from '../../../lib/cli/render/choose';
import { plainRenderer } from '../../../lib/cli/render/plain';
import { ttyRenderer } from '../../../lib/cli/render/tty';
import type { EnvironmentEvent, StackResourceEvent } from '../../../lib/environment/events';

const START = Date.UTC(2026, 0, 1);

const resource = (logicalId: string, status: string, seconds: number, completed: number): StackResourceEvent => ({
  type: 'stack-resource',
  stack: 'network',
  logicalId,
  resourceType: logicalId === 'network' ? 'AWS::CloudFormation::Stack' : 'AWS::EC2::NatGateway',
  status,
  time: START + seconds * 1000,
  completed,
  total: 2,
});

const story: EnvironmentEvent[] = [
  { type: 'phase', phase: 'stacks', message: '1 in the app' },
  resource('network', 'CREATE_IN_PROGRESS', 0, 0),
  resource('Nat', 'CREATE_IN_PROGRESS', 2, 0),
  resource('Nat', 'CREATE_COMPLETE', 124, 1),
  resource('network', 'CREATE_COMPLETE', 125, 2),
  { type: 'stack-done', stack: 'network', outcome: 'created', cloudMs: 125_000, outputs: {} },
  { type: 'phase-done', phase: 'stacks', ok: true, message: '1 deployed', cloudMs: 125_000, wallMs: 40 },
  { type: 'proof', url: 'http://127.0.0.1:4000/', host: 'a.example', status: 200, answer: 'web-1' },
  { type: 'check', what: 'load balancers', call: 'elasticloadbalancing:DescribeLoadBalancers', left: [] },
  { type: 'result', ok: true, message: 'done', next: [{ command: 'drydock down', why: 'remove everything' }] },
];

const ESCAPE = String.fromCharCode(27);
const UP_AND_ERASE = new RegExp(`(${ESCAPE}\\[\\d+A${ESCAPE}\\[0J|\\n)`);

/** A terminal of which only cursor-up-and-erase is understood: what a person sees in the end. */
class Screen {
  readonly columns = 100;
  readonly rows = 30;
  lines: string[] = [''];

  write(text: string): void {
    for (const part of text.split(UP_AND_ERASE)) {
      const up = part.startsWith(ESCAPE) ? Number.parseInt(part.slice(2), 10) : undefined;
      if (up !== undefined) this.lines = [...this.lines.slice(0, this.lines.length - 1 - up), ''];
      else if (part === '\n') this.lines.push('');
      else this.lines[this.lines.length - 1] += part;
    }
  }
}

test('plain output tells everything, one line each, with the time of the cloud', () => {
  const lines: string[] = [];
  const renderer = plainRenderer({ write: (text: string) => lines.push(text) });
  for (const event of story) renderer.show(event);
  expect(lines.join('')).toBe(
    [
      'Stacks    1 in the app',
      '  +   0.0s  CREATE_IN_PROGRESS  AWS::CloudFormation::Stack  network',
      '  +   2.0s  CREATE_IN_PROGRESS  AWS::EC2::NatGateway  network/Nat',
      '  +  2m04s  CREATE_COMPLETE     AWS::EC2::NatGateway  network/Nat',
      '  +  2m05s  CREATE_COMPLETE     AWS::CloudFormation::Stack  network',
      '  ✓ stack/network created  2m05s',
      'Stacks    ✓ 1 deployed (2m05s of cloud time in 0.0s)',
      '  ✓ GET http://127.0.0.1:4000/ (Host: a.example) → 200 web-1',
      '  ✓ load balancers         none left    elasticloadbalancing:DescribeLoadBalancers',
      '',
      '✓ done',
      '    drydock down   remove everything',
      '',
    ].join('\n'),
  );
});

test('a terminal shows what is going on in a live block and keeps what is done', () => {
  const screen = new Screen();
  let tick = () => {};
  const every = (_ms: number, callback: () => void) => {
    tick = callback;
    return () => {};
  };
  const renderer = ttyRenderer(screen, { colour: false, every });
  for (const event of story.slice(0, 3)) renderer.show(event);
  tick();
  expect(screen.lines).toEqual(['Stacks    1 in the app', '  ⠿ stack/network  0/2    2.0s  EC2::NatGateway', '']);
  for (const event of story.slice(3)) renderer.show(event);
  renderer.close();
  expect(screen.lines[1]).toBe('  ✓ stack/network created  2m05s');
  expect(screen.lines.join('\n')).not.toContain('⠿');
});

test('json output is one numbered event per line', () => {
  const lines: string[] = [];
  const renderer = chooseRenderer('json', { write: (text: string) => lines.push(text) }, {});
  for (const event of story) renderer.show(event);
  const events = lines.map((line) => JSON.parse(line));
  expect(events.map((event) => event.sequence)).toEqual(story.map((_, index) => index + 1));
  expect(events.at(-1)).toMatchObject({ type: 'result', ok: true });
});

test('a pipe gets plain lines, and so does CI on a terminal', () => {
  for (const [isTTY, environment] of [
    [false, {}],
    [true, { CI: 'true' }],
  ] as const) {
    const lines: string[] = [];
    const renderer = chooseRenderer('auto', { isTTY, write: (text: string) => lines.push(text) }, environment);
    renderer.show(story[0]!);
    renderer.close();
    expect(lines).toEqual(['Stacks    1 in the app\n']);
  }
});
