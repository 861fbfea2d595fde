import { kubeletWorld } from '../kubelet/kubelet-world';

/** Runs a script as a container would, and answers with its log and exit code. */
function run(script: string, extra: Record<string, unknown> = {}): { log: string; exitCode: number } {
  const world = kubeletWorld();
  world.run({
    restartPolicy: 'Never',
    containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', script], ...extra }],
  });
  world.settle();
  return { log: world.logs(), exitCode: world.status().state.terminated.exitCode };
}

describe('the shell of simulated containers', () => {
  test.each([
    ['echo hello; echo world', 'hello\nworld\n', 0],
    ['echo -n a; printf "%s-%d\\n" b 3', 'ab-3\n', 0],
    ['false || echo no; true && echo yes', 'no\nyes\n', 0],
    ['exit 7; echo never', '', 7],
    ['false', '', 1],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
    ['A=1; B=\'two words\'; echo $A "$B" ${C:-three}', '1 two words three\n', 0],
    ['for i in 1 2 3; do echo n$i; done', 'n1\nn2\nn3\n', 0],
    ['i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done', '0\n1\n2\n', 0],
    ['if [ -f /nope ]; then echo a; elif test 1 = 1; then echo b; else echo c; fi', 'b\n', 0],
    ['echo one > /tmp/f; echo two >> /tmp/f; cat /tmp/f | grep -v one | tr a-z A-Z', 'TWO\n', 0],
    ['echo $(echo inner) `echo old`', 'inner old\n', 0],
    ['(echo sub); { echo group; }', 'sub\ngroup\n', 0],
    ['set -e; false; echo never', '', 1],
    ['seq 3 | tail -n 1; seq 3 | wc -l', '3\n3\n', 0],
    ['nonsense', 'sh: nonsense: not found\n', 127],
    ['echo oops >&2; echo quiet 2>/dev/null', 'oops\nquiet\n', 0],
    ['if true; then echo open', 'sh: syntax error: unexpected end of file (expecting "fi")\n', 2],
    ['cat /nope', "cat: can't open '/nope': No such file or directory\n", 1],
    [
      'mkdir -p /data/a && touch /data/a/x && ls /data /data/a; rm -rf /data; ls /data',
      '/data:\na\n/data/a:\nx\nls: /data: No such file or directory\n',
      1,
    ],
    ['hostname; echo $HOSTNAME', 'web\nweb\n', 0],
    ['test "$(date +%Y)" = 2026 && echo right', 'right\n', 0],
    ['! true; echo $?', '1\n', 0],
    ['until false; do echo once; break; done', 'once\n', 0],
    ['case $HOSTNAME in db-*|cache) echo data;; w?b) echo web;; *) echo other;; esac', 'web\n', 0],
    ['case "w*" in "w?") echo no;; (w\\*) echo star;; esac; echo $?', 'star\n0\n', 0],
    ['greet() { echo "hello $1 of $#"; return 3; }; greet you all; echo $?', 'hello you of 2\n3\n', 0],
    ['function f { echo in; }\nf', 'in\n', 0],
    ['cat <<EOF\nname: $HOSTNAME\n  "quoted" \\$HOME\nEOF\necho after', 'name: web\n  "quoted" $HOME\nafter\n', 0],
    ["cat > /tmp/f <<'END'\n$HOME `x`\nEND\ncat /tmp/f", '$HOME `x`\n', 0],
    ['if true; then cat <<-E\n\t\ttabs\n\tE\nfi', 'tabs\n', 0],
    ['cat <<EOF\nto the end', 'to the end\n', 0],
    [
      'mkdir /tmp/d; cd /tmp/d; touch b.txt a.txt c.md; echo *.txt "*.txt" /tmp/d/?.md *.none',
      'a.txt b.txt *.txt /tmp/d/c.md *.none\n',
      0,
    ],
    ['for f in /etc/config/*; do echo "$f"; done', '/etc/config/*\n', 0],
    [
      'p=/a/b/c.tar.gz; echo ${p##*/} ${p%/*} ${p%%.*} ${p#/a/} ${q:=set} $q',
      'c.tar.gz /a/b /a/b/c b/c.tar.gz set set\n',
      0,
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
    ['echo ${DB_HOST:?is needed}; echo never', 'sh: DB_HOST: is needed\n', 2],
    ['printf "a 1\\nb 2\\n" | while read -r name n; do echo "$n-$name"; done', '1-a\n2-b\n', 0],
    ['(sleep 2; echo slow) & (sleep 1; echo fast) & echo first; wait; echo last', 'first\nfast\nslow\nlast\n', 0],
    [
      'sleep 1000 & pid=$!; kill -0 $pid && echo runs; kill $pid; kill -0 $pid 2>/dev/null || echo gone',
      'runs\ngone\n',
      0,
    ],
    ['trap "echo bye" EXIT; echo work; exit 4', 'work\nbye\n', 4],
    [
      'set -- x y z; shift; echo $1 $#; f() { for a in "$@"; do echo "[$a]"; done; }; f "one two" three',
      'y 2\n[one two]\n[three]\n',
      0,
    ],
    ['grep b <<< "abc"', 'abc\n', 0],
  ])('%s', (script, log, exitCode) => {
    expect(run(script)).toEqual({ log, exitCode });
  });

  test('sleeping takes virtual time', () => {
    const world = kubeletWorld();
    const before = world.cluster.simulation.clock.now();
    world.run({
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', 'sleep 1m; sleep 30'] }],
    });
    world.settle();
    expect(world.cluster.simulation.clock.now() - before).toBeGreaterThanOrEqual(90_000);
  });

  test('a loop that never sleeps does not stop the world', () => {
    const world = kubeletWorld();
    world.run({ containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', 'while :; do :; done'] }] });
    world.advance('1m');
    expect(world.pod().status.phase).toBe('Running');
  });

  test('a handler for SIGTERM ends the container in time', () => {
    const world = kubeletWorld();
    const script = 'trap "echo bye; exit 0" TERM; while true; do sleep 1; done';
    world.run({ containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', script] }] });
    world.settle();
    world.client.delete('pods', 'default', 'web', { gracePeriodSeconds: 30 });
    world.advance('2s');
    expect(world.tryPod()).toBeUndefined();
  });
});
