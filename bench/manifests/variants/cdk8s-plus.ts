/** cdk8s-plus: the same application in its own words, with its own defaults. Needs `npm install --prefix bench/manifests/peers`. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { settings } from '../objects';
import { report, type Shape, Stopwatch } from '../stopwatch';

const count = Number(process.argv[2]);
const shape = process.argv[3] as Shape;
const stopwatch = new Stopwatch();
const load = createRequire(join(__dirname, '..', 'peers', 'x.js'));
const { App, Chart, Size, Yaml } = load('cdk8s');
const plus = load('cdk8s-plus-33');
stopwatch.lap('import');
const app = new App();
const one = new Chart(app, 'apps', { disableResourceNameHashes: true });
for (let i = 0; i < count; i++) {
  const chart = shape === 'chart-per-app' ? new Chart(app, `chart-${i}`) : one;
  const metadata = { name: `app-${i}`, namespace: 'default' };
  const config = new plus.ConfigMap(chart, `config-${i}`, { metadata, data: settings(i) });
  const deployment = new plus.Deployment(chart, `deployment-${i}`, { metadata, replicas: 3 });
  const container = deployment.addContainer({
    name: 'app',
    image: `registry.example.com/app:1.${i}`,
    ports: [{ name: 'http', number: 8080 }],
    envVariables: { LEVEL: plus.EnvValue.fromValue('info'), URL: plus.EnvValue.fromConfigMap(config, 'URL') },
    envFrom: [plus.Env.fromConfigMap(config)],
    resources: {
      cpu: { request: plus.Cpu.millis(100) },
      memory: { request: Size.mebibytes(128), limit: Size.mebibytes(256) },
    },
    liveness: plus.Probe.fromHttpGet('/healthz', { port: 8080 }),
    readiness: plus.Probe.fromHttpGet('/ready', { port: 8080 }),
    securityContext: { user: 1000 },
  });
  container.mount('/etc/app', plus.Volume.fromConfigMap(chart, `volume-${i}`, config));
  deployment.exposeViaService({ name: `app-${i}-service`, ports: [{ name: 'http', port: 80, targetPort: 8080 }] });
}
stopwatch.lap('construct');
const documents = app.charts.flatMap((chart: { toJson(): unknown[] }) => chart.toJson());
stopwatch.lap('synth');
const output: string = Yaml.stringify(...documents);
stopwatch.lap('emit');
report(stopwatch, output);
