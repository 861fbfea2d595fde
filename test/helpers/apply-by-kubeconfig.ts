/** A program as users write it: `node --import tsx apply-by-kubeconfig.ts KUBECONFIG`, objects as JSON on stdin. */
import { text } from 'node:stream/consumers';
import { apply, connectByKubeconfig, formatPlan } from '../../lib/apply';

async function main(): Promise<void> {
  const transport = await connectByKubeconfig({ file: process.argv[2] });
  const objects = JSON.parse(await text(process.stdin));
  const { outcome, plan } = await apply({ transport, objects, timeout: '20s' });
  console.log(`${outcome}: ${formatPlan(plan, { unchanged: true })}`);
  transport.close();
}

main();
