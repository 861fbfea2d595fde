/**
 * The graph as a picture that needs nothing else: one SVG file, light or dark as its reader prefers. A box is an object, its
 * colour says what it is for; a line is a relation, its verb is written where it starts. Dashed boxes are not among the manifests.
 */
import { columnsOf } from './layout';
import type { Graph, GraphNode, Relation, Verb } from './relations';

const BOX = { width: 210, height: 46 };
const GAP = { column: 150, row: 22 };
const MARGIN = 32;
const TITLE = 44;

type Role = 'traffic' | 'work' | 'data' | 'policy' | 'identity' | 'other';

const ROLES: Readonly<Record<string, Role>> = {
  Ingress: 'traffic',
  HTTPRoute: 'traffic',
  GRPCRoute: 'traffic',
  Gateway: 'traffic',
  Service: 'traffic',
  TargetGroupBinding: 'traffic',
  Deployment: 'work',
  StatefulSet: 'work',
  DaemonSet: 'work',
  ReplicaSet: 'work',
  Job: 'work',
  CronJob: 'work',
  Pod: 'work',
  ReplicationController: 'work',
  ConfigMap: 'data',
  Secret: 'data',
  PersistentVolumeClaim: 'data',
  StorageClass: 'data',
  HorizontalPodAutoscaler: 'policy',
  PodDisruptionBudget: 'policy',
  NetworkPolicy: 'policy',
  ServiceAccount: 'identity',
  Role: 'identity',
  ClusterRole: 'identity',
  RoleBinding: 'identity',
  ClusterRoleBinding: 'identity',
};

const LEGEND: readonly (readonly [Role, string])[] = [
  ['traffic', 'traffic'],
  ['work', 'workloads'],
  ['data', 'configuration and storage'],
  ['policy', 'scaling and protection'],
  ['identity', 'identity and rights'],
];

const STYLE = `
  :root { color-scheme: light dark; }
  svg { background: #ffffff; font-family: ui-sans-serif, system-ui, sans-serif; }
  .title { font-size: 17px; font-weight: 600; fill: #1c2430; }
  .kind { font-size: 10.5px; fill: #5c6675; letter-spacing: .02em; }
  .name { font-size: 13px; font-weight: 600; fill: #1c2430; }
  .verb, .note { font-size: 10.5px; fill: #5c6675; paint-order: stroke; stroke: #ffffff; stroke-width: 4px; }
  .box { fill: #ffffff; stroke: #c6ccd6; stroke-width: 1.2; }
  .absent .box { stroke-dasharray: 4 3; } .absent .name { font-weight: 400; font-style: italic; }
  .line { fill: none; stroke: #98a2b3; stroke-width: 1.4; }
  .traffic .bar { fill: #2f6fde; } .work .bar { fill: #0f9d76; } .data .bar { fill: #c27a0e; }
  .policy .bar { fill: #8a4fd3; } .identity .bar { fill: #c23b6b; } .other .bar { fill: #98a2b3; }
  @media (prefers-color-scheme: dark) {
    svg { background: #12161c; } .title, .name { fill: #e8ecf2; } .kind, .verb, .note { fill: #9aa5b5; }
    .verb, .note { stroke: #12161c; } .box { fill: #1a2029; stroke: #3a4454; } .line { stroke: #5f6b7c; }
  }`;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** @param title stands above the picture */
export function graphAsSvg(graph: Graph, title = 'Objects and what they have to do with each other'): string {
  const { places, columns, rows } = place(graph);
  const width = MARGIN * 2 + columns * (BOX.width + GAP.column) - GAP.column;
  const height = MARGIN * 2 + TITLE + rows * (BOX.height + GAP.row) + LEGEND_HEIGHT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}">`,
    `<style>${STYLE}\n</style>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0.8L7 4L0 7.2" class="line"/></marker></defs>',
    `<text class="title" x="${MARGIN}" y="${MARGIN + 10}">${escapeXml(title)}</text>`,
    ...graph.relations.map((relation) => line(relation, places)),
    ...graph.nodes.map((node) => box(node, places.get(node.id)!)),
    // Words last, so that no line runs through them.
    ...labels(graph.relations, places),
    legend(height - MARGIN - 6),
    '</svg>\n',
  ].join('\n');
}

/** Related objects in the columns of the layout, centred on each other; whatever stands alone in rows below them. */
function place(graph: Graph) {
  const layout = columnsOf(graph);
  const columns = Math.max(3, layout.length);
  const tallest = Math.max(0, ...layout.map((column) => column.length));
  const places = new Map<string, Point>();
  const put = (id: string, column: number, row: number): void => {
    const y = MARGIN + TITLE + row * (BOX.height + GAP.row);
    places.set(id, { x: MARGIN + column * (BOX.width + GAP.column), y });
  };
  layout.forEach((nodes, column) => {
    nodes.forEach(({ id }, row) => {
      put(id, column, row + (tallest - nodes.length) / 2);
    });
  });
  const alone = graph.nodes.filter(({ id }) => !places.has(id));
  alone.forEach(({ id }, index) => {
    put(id, index % columns, tallest + Math.floor(index / columns));
  });
  return { places, columns, rows: tallest + Math.ceil(alone.length / columns) };
}

const LEGEND_HEIGHT = 28;

function box(node: GraphNode, { x, y }: Point): string {
  const role = ROLES[node.kind] ?? 'other';
  const kind = node.namespace === '' ? node.kind : `${node.kind} · ${node.namespace}`;
  const note = node.present ? '' : ' (not in the manifests)';
  return (
    `<g class="${role}${node.present ? '' : ' absent'}"><title>${escapeXml(`${node.kind} ${node.name}${note}`)}</title>` +
    `<rect class="box" x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="7"/>` +
    `<rect class="bar" x="${x}" y="${y + 8}" width="4" height="${BOX.height - 16}" rx="2"/>` +
    `<text class="kind" x="${x + 15}" y="${y + 18}">${escapeXml(shorten(kind, 34))}</text>` +
    `<text class="name" x="${x + 15}" y="${y + 35}">${escapeXml(shorten(node.name, 26))}</text></g>`
  );
}

function ends({ from, to }: Relation, places: ReadonlyMap<string, Point>): [Point, Point] {
  const [a, b] = [places.get(from)!, places.get(to)!];
  const middle = BOX.height / 2;
  const forward = b.x > a.x;
  return forward
    ? [
        { x: a.x + BOX.width, y: a.y + middle },
        { x: b.x - 3, y: b.y + middle },
      ]
    : [
        { x: a.x, y: a.y + middle },
        { x: b.x + BOX.width + 3, y: b.y + middle },
      ];
}

function line(relation: Relation, places: ReadonlyMap<string, Point>): string {
  const [a, b] = ends(relation, places);
  const bend = Math.max(40, Math.abs(b.x - a.x) / 2) * (b.x > a.x ? 1 : -1);
  return `<path class="line" marker-end="url(#arrow)" d="M${a.x} ${a.y}C${a.x + bend} ${a.y} ${b.x - bend} ${b.y} ${b.x} ${b.y}"/>`;
}

/** The verb beside the box it starts from, once for all lines of one verb; what a single line says stands at its end. */
function labels(relations: readonly Relation[], places: ReadonlyMap<string, Point>): string[] {
  const verbs = new Map<string, Set<Verb>>();
  return relations.flatMap((relation) => {
    const [a, b] = ends(relation, places);
    const out: string[] = [];
    const said = verbs.get(relation.from) ?? new Set();
    if (!said.has(relation.verb)) {
      const side = b.x > a.x ? { x: a.x + 7, anchor: 'start' } : { x: a.x - 7, anchor: 'end' };
      const y = a.y - 5 + said.size * 17;
      out.push(`<text class="verb" x="${side.x}" y="${y}" text-anchor="${side.anchor}">${relation.verb}</text>`);
      verbs.set(relation.from, said.add(relation.verb));
    }
    if (relation.label) {
      const text = escapeXml(shorten(relation.label, 20));
      out.push(`<text class="note" x="${b.x - 8}" y="${b.y - 5}" text-anchor="end">${text}</text>`);
    }
    return out;
  });
}

function legend(y: number): string {
  let x = MARGIN;
  return LEGEND.map(([role, text]) => {
    const item = `<g class="${role}"><rect class="bar" x="${x}" y="${y - 9}" width="10" height="10" rx="2"/><text class="kind" x="${x + 16}" y="${y}">${text}</text></g>`;
    x += 30 + text.length * 6;
    return item;
  }).join('');
}

const shorten = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character]!);
