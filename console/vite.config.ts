import { bundleConfig } from './build-options.ts';

export default bundleConfig('/console/');
