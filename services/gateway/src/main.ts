import { runService } from '@gatehouse/chassis';
import { buildGateway } from './app.ts';
import { boundHeapGrowth } from './heap.ts';

boundHeapGrowth();
await runService({ name: 'gateway', build: buildGateway });
