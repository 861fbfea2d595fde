import { objectsOf } from '../objects';
import { report, Stopwatch } from '../stopwatch';

const count = Number(process.argv[2]);
const stopwatch = new Stopwatch();
const objects = Array.from({ length: count }, (_, i) => objectsOf(i)).flat();
stopwatch.lap('construct');
const output = JSON.stringify(objects);
stopwatch.lap('emit');
report(stopwatch, output);
