// One thread of the churn: loads koffi for itself, runs, reports.
import { parentPort, workerData } from 'node:worker_threads';
import { type ChurnOptions, runChurn } from './descriptor-churn.ts';

// workerData is what native-send.test.ts passed.
const options = workerData as ChurnOptions;
parentPort!.postMessage('running');
parentPort!.postMessage(await runChurn(options));
