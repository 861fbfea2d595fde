/** cdk8s ApiObject: no checks at all. Needs `npm install --prefix bench/manifests/peers`. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { objectsOf } from '../objects';
import { report, type Shape, Stopwatch } from '../stopwatch';

const count = Number(process.argv[2]);
const shape = process.argv[3] as Shape;
const stopwatch = new Stopwatch();
const { ApiObject, App, Chart, Yaml } = createRequire(join(__dirname, '..', 'peers', 'x.js'))('cdk8s');
stopwatch.lap('import');
const app = new App();
const one = new Chart(app, 'apps', { disableResourceNameHashes: true });
for (let i = 0; i < count; i++) {
  const chart = shape === 'chart-per-app' ? new Chart(app, `chart-${i}`) : one;
  if (shape === 'chain') {
    const next = new ApiObject(chart, `o-${i}`, objectsOf(i)[0]);
    if (i > 0) next.addDependency(one.node.findChild(`o-${i - 1}`));
  } else {
    for (const object of objectsOf(i)) new ApiObject(chart, `${object.kind}-${i}`, object);
  }
}
stopwatch.lap('construct');
const documents = app.charts.flatMap((chart: { toJson(): unknown[] }) => chart.toJson());
stopwatch.lap('synth');
const output: string = Yaml.stringify(...documents);
stopwatch.lap('emit');
report(stopwatch, output);
