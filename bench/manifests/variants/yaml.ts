import { objectsOf } from '../objects';
import { report, Stopwatch } from '../stopwatch';

const count = Number(process.argv[2]);
const stopwatch = new Stopwatch();
const { stringify } = require('yaml') as typeof import('yaml');
stopwatch.lap('import');
const objects = Array.from({ length: count }, (_, i) => objectsOf(i)).flat();
stopwatch.lap('construct');
const output = objects.map((object) => stringify(object)).join('---\n');
stopwatch.lap('emit');
report(stopwatch, output);
