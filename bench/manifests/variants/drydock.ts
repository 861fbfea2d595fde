/** `drydock.ts COUNT SHAPE [unchecked]`, on the compiled package. */
import { deploymentSpec, serviceSpec, settings } from '../objects';
import { report, type Shape, Stopwatch } from '../stopwatch';

const count = Number(process.argv[2]);
const shape = process.argv[3] as Shape;
const stopwatch = new Stopwatch();
const { App, Chart, ConfigMap, Deployment, Service, validate, writeYaml } =
  require('../../../dist/lib/manifests') as typeof import('../../../lib/manifests');
stopwatch.lap('import');
const app = new App({ namespace: 'default' });
if (shape === 'chain') {
  let previous: InstanceType<typeof ConfigMap> | undefined;
  for (let i = 0; i < count; i++) {
    const next = new ConfigMap(app, `app-${i}`, { data: settings(i) });
    if (previous) next.node.addDependency(previous);
    previous = next;
  }
} else {
  const one = new Chart(app, 'apps');
  for (let i = 0; i < count; i++) {
    const chart = shape === 'chart-per-app' ? new Chart(app, `chart-${i}`) : one;
    new ConfigMap(chart, `app-${i}`, { data: settings(i) });
    new Deployment(chart, `app-${i}`, { spec: deploymentSpec(i) });
    new Service(chart, `app-${i}`, { spec: serviceSpec(i) });
  }
}
stopwatch.lap('construct');
const objects = app.synth();
stopwatch.lap('synth');
if (process.argv[4] !== 'unchecked') {
  const findings = validate(objects);
  if (findings.length > 0) throw new Error(JSON.stringify(findings[0]));
  stopwatch.lap('check');
}
const output = writeYaml(objects);
stopwatch.lap('emit');
report(stopwatch, output);
